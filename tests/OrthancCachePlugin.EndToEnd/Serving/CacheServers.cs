using OrthancCachePlugin.EndToEnd.Dicom;

namespace OrthancCachePlugin.EndToEnd.Serving;

/// <summary>Two settled servers with a few files, for tests about what a client gets.</summary>
public sealed class CacheServers : TwoServers
{
    public CacheServers()
        : base(_ => { }, upload: false)
    {
        foreach (var series in (int[])[1, 2])
        {
            foreach (var instance in (int[])[1, 2, 3])
            {
                Upload(new DicomBuilder(1, 1, series, instance).Build($"{series}/{instance}"));
            }
        }

        Settle();
    }

    public string Patient { get; } = OrthancId.Patient(new DicomBuilder(1, 1, 1, 1));

    public string Study { get; } = OrthancId.Study(new DicomBuilder(1, 1, 1, 1));

    public string Series { get; } = OrthancId.Series(new DicomBuilder(1, 1, 1, 1));

    public string Instance { get; } = OrthancId.Instance(new DicomBuilder(1, 1, 1, 1));

    /// <summary>Replaces <c>{patient}</c> and so on.</summary>
    public string Target(string template) => template
        .Replace("{patient}", Patient, StringComparison.Ordinal)
        .Replace("{study}", Study, StringComparison.Ordinal)
        .Replace("{series}", Series, StringComparison.Ordinal)
        .Replace("{instance}", Instance, StringComparison.Ordinal);

    /// <summary>Asks until the answer comes from the cache, and returns that.</summary>
    public HttpAnswer Hit(string target, params (string Name, string Value)[] headers) =>
        Until.Some($"GET {target} becomes a hit", () => Ours.Client.Get(target, headers) is { IsHit: true } answer ? answer : null);

    /// <summary>Asks until the answer carries validators (it does not while a change is too fresh), and returns it.</summary>
    public HttpAnswer Validated(string target, params (string Name, string Value)[] headers) =>
        Until.Some($"GET {target} gets an ETag", () => Ours.Client.Get(target, headers) is { ETag: not null } answer ? answer : null);
}

using OrthancCachePlugin.EndToEnd.Dicom;

namespace OrthancCachePlugin.EndToEnd.Serving;

/// <summary>Two settled servers with a few files, for tests about what a client gets.</summary>
public sealed class CacheServers : TwoServers
{
    public CacheServers()
        : base(_ => { }, upload: false)
    {
        foreach (var patient in (int[])[1, 2, 4, 3])
        {
            foreach (var series in (int[])[1, 2])
            {
                foreach (var instance in (int[])[1, 2, 3])
                {
                    Upload(new DicomBuilder(patient, 1, series, instance).Build($"{series}/{instance}"));
                }
            }
        }

        // Asks for the last patient, and no test does.
        Settle();
    }

    /// <summary>Replaces <c>{patient}</c> and so on.</summary>
    /// <param name="template">The request target.</param>
    /// <param name="patient">1, or 2 or 4 for one that only a single test asks for.</param>
    public string Target(string template, int patient = 1)
    {
        var first = new DicomBuilder(patient, 1, 1, 1);
        return template
            .Replace("{patient}", OrthancId.Patient(first), StringComparison.Ordinal)
            .Replace("{study}", OrthancId.Study(first), StringComparison.Ordinal)
            .Replace("{series}", OrthancId.Series(first), StringComparison.Ordinal)
            .Replace("{instance}", OrthancId.Instance(first), StringComparison.Ordinal);
    }

    /// <summary>Asks until the response comes from the cache, and returns that.</summary>
    public HttpResponse Hit(string target, params (string Name, string Value)[] headers) => Wait("a hit", target, headers, a => a.IsHit);

    /// <summary>Asks until the response carries validators (it does not while a change is too fresh), and returns it.</summary>
    public HttpResponse Validated(string target, params (string Name, string Value)[] headers) =>
        Wait("a response with validators", target, headers, a => a is { ETag: not null, LastModified: not null });

    private HttpResponse Wait(string what, string target, (string Name, string Value)[] headers, Func<HttpResponse, bool> isIt)
    {
        HttpResponse? last = null;
        return Until.Some(() => $"{what} for GET {target}; the last was {last}, {string.Join(", ", last!.Headers)}", () =>
        {
            last = Ours.Client.Get(target, headers);
            return isIt(last) ? last : null;
        });
    }
}

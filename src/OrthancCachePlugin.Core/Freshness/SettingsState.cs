using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>What shapes responses and belongs to no resource, as it was at one moment. Immutable.</summary>
/// <param name="Fingerprint">Stands for all of it; part of the key of a response and of its entity tag.</param>
/// <param name="Since">Since when it is so.</param>
/// <param name="Revision">The number of the revision before the question.</param>
/// <param name="AskedAt">Ticks of the monotonic clock before the question.</param>
/// <param name="Requests">How many requests had been seen before the question that may have set it.</param>
public sealed record SettingsState(Digest128 Fingerprint, SettingsSince Since, long Revision, long AskedAt, long Requests)
{
    /// <summary>The server did not tell: nothing is stored or given validators.</summary>
    public static SettingsState Unknown { get; } = new(default, new SettingsSince(default, long.MaxValue), -1, 0, -1);

    public bool IsKnown => Revision >= 0;
}

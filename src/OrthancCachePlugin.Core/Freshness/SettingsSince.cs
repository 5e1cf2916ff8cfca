using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>Since when the settings are what they are.</summary>
/// <param name="fingerprint">The settings.</param>
/// <param name="seconds">Unix time in seconds: later than every date that went out under others.</param>
public sealed class SettingsSince(Digest128 fingerprint, long seconds)
{
    private volatile bool _isOnDisk;

    public Digest128 Fingerprint => fingerprint;

    public long Seconds => seconds;

    /// <summary>Whether a later process will know it; until then no date goes out.</summary>
    public bool IsOnDisk
    {
        get => _isOnDisk;
        set => _isOnDisk = value;
    }
}

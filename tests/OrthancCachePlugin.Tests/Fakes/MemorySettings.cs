using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>What survives a restart, unless the disk fails.</summary>
internal sealed class MemorySettings : ISettingsMemory
{
    private (Digest128 Fingerprint, long Since)? _written;

    public bool IsOpen { get; set; } = true;

    public bool Fails { get; set; }

    public bool TryRead(out Digest128 fingerprint, out long since)
    {
        (fingerprint, since) = _written ?? default;
        return _written is not null;
    }

    public void Write(Digest128 fingerprint, long since) =>
        _written = Fails ? throw new IOException("The disk is full.") : (fingerprint, since);
}

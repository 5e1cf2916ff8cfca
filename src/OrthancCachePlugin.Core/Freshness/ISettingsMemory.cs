using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>Remembers over restarts since when the settings of the server are what they are. Called by one thread at a time.</summary>
public interface ISettingsMemory
{
    /// <summary>Whether it can be used now, by this process alone.</summary>
    bool IsOpen { get; }

    /// <summary>Reads what was written last.</summary>
    /// <returns>False where there is nothing, or nothing that can be read.</returns>
    bool TryRead(out Digest128 fingerprint, out long since);

    /// <summary>Writes it so that a power cut leaves this or what was there before.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    void Write(Digest128 fingerprint, long since);
}

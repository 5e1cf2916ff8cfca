using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Archives;

/// <summary>Keeps a broken archive from being confirmed. A stream has no length, so a client cannot tell one that we broke off from a complete one,
/// and may store it with the validators that it began with. Therefore the validators of archives contain a mark that changes whenever a stream did
/// not come to its end, by our doing or with the process. Thread-safe.</summary>
/// <remarks>While streams run, the file on disk already holds the mark of the next generation; the last one that ends well writes the old one back. A
/// process that is killed leaves the new one behind.</remarks>
public sealed class ArchiveGeneration(ISettingsMemory memory, Func<Digest128> random, TimeProvider time)
{
    private const long Running = -1; // stands in the file in place of a time while streams run

    private readonly Lock _lock = new();
    private Digest128 _mark;
    private long _since;
    private int _streams;
    private bool _isRead;

    private long Later => Math.Max(time.GetUtcNow().ToUnixTimeSeconds(), _since) + 1;

    /// <summary>The settings as archives have them, to which the mark belongs; unknown where no mark would outlive the process.</summary>
    public SettingsState Of(SettingsState settings)
    {
        lock (_lock)
        {
            if (!settings.IsKnown || !TryRead())
            {
                return SettingsState.Unknown;
            }

            var fingerprint = Digest128.Combine(settings.Fingerprint, _mark);
            var since = new SettingsSince(fingerprint, Math.Max(settings.Since.Seconds, _since)) { IsOnDisk = settings.Since.IsOnDisk };
            return settings with { Fingerprint = fingerprint, Since = since };
        }
    }

    /// <summary>A stream with validators begins; <see cref="End"/> must follow. False where its end could not be noted if the process were killed:
    /// then it must not have any.</summary>
    public bool TryBegin()
    {
        lock (_lock)
        {
            if (!TryRead() || (_streams == 0 && !TryWrite(random(), Running)))
            {
                return false;
            }

            _streams++;
            return true;
        }
    }

    public void End(bool isBroken)
    {
        lock (_lock)
        {
            _streams--;
            if (isBroken)
            {
                _mark = random();
                _since = Later;
            }

            // What cannot be written leaves the next generation on disk, which only makes clients ask for archives again.
            _ = _streams == 0 ? TryWrite(_mark, _since) : !isBroken || TryWrite(random(), Running);
        }
    }

    private bool TryRead()
    {
        try
        {
            if (!_isRead && memory.IsOpen)
            {
                if (!memory.TryRead(out _mark, out _since) || _since == Running)
                {
                    _mark = random();
                    _since = 0;
                    _since = Later;
                    memory.Write(_mark, _since);
                }

                _isRead = true;
            }
        }
        catch (Exception)
        {
            // A disk cache that does not work: archives go without validators.
        }

        return _isRead && memory.IsOpen;
    }

    private bool TryWrite(Digest128 mark, long since)
    {
        try
        {
            memory.Write(mark, since);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }
}

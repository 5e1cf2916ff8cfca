using System.Buffers.Binary;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>What shapes responses and belongs to no resource: Orthanc's version, configuration, dictionaries and plugins, fixed from start to stop,
/// and the default encoding, which can be set at any time. Thread-safe.</summary>
/// <remarks>
/// <para>The encoding is asked for after every sign of a change, with every request while one runs that may set it, and once a second: nobody
/// reports what a script or plugin sets. It is read before and after the response is made; where the two differ, or a request was seen that may
/// have set it to and fro, the response belongs to neither.</para>
/// <para>No response has a date from before the settings became what they are (<see cref="SettingsState.Since"/>), and none at all until a later
/// process would know that, too.</para>
/// </remarks>
public sealed class ServerSettings
{
    public static readonly TimeSpan Unreported = TimeSpan.FromSeconds(1);

    private readonly OrthancApi _origin;
    private readonly ChangeTracker _tracker;
    private readonly TimeProvider _time;
    private readonly Digest128 _host;
    private readonly ISettingsMemory _memory;
    private readonly Action<Action> _later;
    private readonly Lock _lock = new();
    private readonly long _start;
    private Digest128? _plugins;
    private SettingsState? _state;
    private SettingsSince? _since;
    private long _changes;
    private bool _isRemembered;
    private int _remembering;

    public ServerSettings(OrthancApi origin, ChangeTracker tracker, TimeProvider time, Digest128 host, ISettingsMemory memory, Action<Action> later)
    {
        _origin = origin;
        _tracker = tracker;
        _time = time;
        _host = host;
        _memory = memory;
        _later = later;
        _start = NowSeconds;
    }

    private long NowSeconds => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The settings that a request arriving now must see; read them before anything else is asked.</summary>
    public SettingsState Current()
    {
        var now = _time.GetTimestampTicks();
        var mark = _tracker.Read(now);
        var state = Volatile.Read(ref _state);
        return state is not null && state.Revision == mark.Any && mark.SettingsSettled && now - state.AskedAt < Unreported.Ticks
            ? state
            : Ask(mark.Any, now);
    }

    public bool IsStill(SettingsState before)
    {
        var now = _time.GetTimestampTicks();
        return before.IsKnown && Ask(_tracker.Read(now).Any, now) is { IsKnown: true } after
            && after.Fingerprint == before.OfServer && after.Requests == before.Requests;
    }

    /// <summary>What was read before the question may only make the response look older than it is.</summary>
    private SettingsState Ask(long revision, long now)
    {
        var requests = _tracker.Settings;
        if (!TryGetPlugins(out var plugins) || !_origin.TryGetDefaultEncoding(out var encoding))
        {
            return SettingsState.Unknown;
        }

        SettingsState state;
        lock (_lock)
        {
            var fingerprint = Digest128.Combine(Digest128.Combine(_host, plugins), encoding);
            if (_since is null || _since.Fingerprint != fingerprint)
            {
                // What a client holds from before has an earlier date than this, even where the clock was set back. Before the first
                // question, this process has sent nothing.
                _changes++;
                _since = new SettingsSince(fingerprint, (_since is null ? _start : Math.Max(NowSeconds, _since.Seconds)) + 1);
            }

            state = new SettingsState(fingerprint, _since, revision, now, requests);
            Volatile.Write(ref _state, state);
        }

        if (!state.Since.IsOnDisk && Interlocked.Exchange(ref _remembering, 1) == 0)
        {
            _later(Remember);
            lock (_lock)
            {
                state = state.Fingerprint == _since.Fingerprint ? state with { Since = _since } : state; // what it has read meanwhile
            }
        }

        return state;
    }

    /// <summary>Asked once: they are loaded before the first request is served, and stay.</summary>
    private bool TryGetPlugins(out Digest128 plugins)
    {
        plugins = default;
        lock (_lock)
        {
            if (_plugins is { } known)
            {
                plugins = known;
                return true;
            }
        }

        if (!_origin.TryGetPlugins(out plugins))
        {
            return false;
        }

        lock (_lock)
        {
            _plugins = plugins;
        }

        return true;
    }

    /// <summary>One at a time. What fails is tried again with the next question.</summary>
    private void Remember()
    {
        try
        {
            while (_memory.IsOpen && TakeWhatToWrite() is { } since)
            {
                _memory.Write(since.Fingerprint, since.Seconds);
                since.IsOnDisk = true;
            }
        }
        catch (Exception)
        {
            // Without it, responses have no dates; their tags are as good.
        }
        finally
        {
            Volatile.Write(ref _remembering, 0);
        }
    }

    private SettingsSince? TakeWhatToWrite()
    {
        if (!_isRemembered)
        {
            var isFound = _memory.TryRead(out var fingerprint, out var seconds);
            lock (_lock)
            {
                if (isFound && _changes == 1 && fingerprint == _since!.Fingerprint)
                {
                    // The same as before the restart. No date has gone out since.
                    _since = new SettingsSince(fingerprint, seconds) { IsOnDisk = true };
                }
                else if (isFound)
                {
                    _since = new SettingsSince(_since!.Fingerprint, Math.Max(_since.Seconds, seconds + 1));
                }

                Volatile.Write(ref _state, _state! with { Since = _since! });
                _isRemembered = true;
            }
        }

        lock (_lock)
        {
            return _since is { IsOnDisk: false } since ? since : null;
        }
    }
}

/// <summary>What shapes responses and belongs to no resource, as it was at one moment. Immutable.</summary>
/// <param name="Fingerprint">Stands for all of it; part of the key of a response and of its entity tag.</param>
/// <param name="Revision">The number of the revision before the question.</param>
/// <param name="AskedAt">Ticks of the monotonic clock before the question.</param>
/// <param name="Requests">How many requests had been seen before the question that may have set it.</param>
public sealed record SettingsState(Digest128 Fingerprint, SettingsSince Since, long Revision, long AskedAt, long Requests)
{
    /// <summary>The server did not tell: nothing is stored or given validators.</summary>
    public static SettingsState Unknown { get; } = new(default, new SettingsSince(default, long.MaxValue), -1, 0, -1);

    /// <summary>The settings of the server alone, where <see cref="Fingerprint"/> stands for more.</summary>
    public Digest128 OfServer { get; init; } = Fingerprint;

    public bool IsKnown => Revision >= 0;
}

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

/// <summary>Remembers over restarts since when the settings of the server are what they are. Called by one thread at a time.</summary>
public interface ISettingsMemory
{
    /// <summary>Whether it can be used now, by this process alone.</summary>
    bool IsOpen { get; }

    bool TryRead(out Digest128 fingerprint, out long since);

    /// <summary>Writes it so that a power cut leaves this or what was there before.</summary>
    void Write(Digest128 fingerprint, long since);
}

/// <summary>Since when the settings of the server are what they are, in a file beside the log of the disk cache.</summary>
/// <remarks>
/// <code>
/// offset  size  little endian
///      0     4  magic "ORCS"
///      4     4  version of this format: 1
///      8    16  fingerprint of the settings
///     24     8  Unix time in seconds
///     32     4  checksum (see Checksum) of all of the above
/// </code>
/// </remarks>
public sealed class SettingsFile : ISettingsMemory
{
    private const uint Magic = 0x5343_524F;
    private const uint Version = 1;
    private const int Size = 36;

    private readonly IEntryStore _store;
    private readonly string _path;
    private readonly string _draft;
    private readonly LocalDisk _disk = LocalDisk.Instance;

    public SettingsFile(string directory, string name, IEntryStore store)
    {
        _store = store;
        _path = Path.Combine(directory, name + ".bin");
        _draft = Path.Combine(directory, name + ".tmp");
    }

    public bool IsOpen => _store.GetStatus().State == StoreState.Working;

    public bool TryRead(out Digest128 fingerprint, out long since)
    {
        fingerprint = default;
        since = 0;
        using var file = _disk.OpenExisting(_path);
        var bytes = new byte[Size];
        if (file is null || file.Length != Size || file.Read(bytes, 0) != Size
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) != Version
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(Size - 4)) != Checksum.Of(bytes.AsSpan(0, Size - 4)))
        {
            return false;
        }

        fingerprint = Digest128.Read(bytes.AsSpan(8));
        since = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(24));
        return true;
    }

    public void Write(Digest128 fingerprint, long since)
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Version);
        fingerprint.CopyTo(bytes.AsSpan(8));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), since);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Size - 4), Checksum.Of(bytes.AsSpan(0, Size - 4)));
        using (var file = _disk.OpenOrCreate(_draft))
        {
            file.SetLength(0);
            file.Write(bytes, 0);
            file.Flush();
        }

        _disk.Replace(_draft, _path);
    }
}

using System.Text;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Tags;

/// <summary>
/// Compares the first response of each kind that is derived after the start with the origin's own, behind the requests. Where they differ,
/// a rule is wrong for this Orthanc: from then on its tags are left to it, and so they stay after a restart. Nothing that was derived before
/// is served or confirmed any more, as all tags get other keys and entity tags. Thread-safe.
/// </summary>
/// <remarks>A response may differ for another reason: a change, or a file that is away or was cut. So it is derived once more of what the
/// origin says now, between two of its responses that are equal, and more than once.</remarks>
public sealed class TagsCheck
{
    /// <summary>Larger ones are passed over: the origin would work for seconds beside the clients.</summary>
    private const int MaximumBody = 4 << 20;
    private const int MaximumInstances = 200;
    private const int Rounds = 3;
    private const int MaximumTries = 5;

    private readonly DerivedTags _tags;
    private readonly IOrigin _origin;
    private readonly ISettingsMemory _memory;
    private readonly Digest128 _build;
    private readonly Action<Action> _behind;
    private readonly TimeProvider _time;
    private readonly ILog _log;

    /// <summary>Kinds of which no response is known to be right, with how often one may still be compared.</summary>
    private readonly Dictionary<(string Route, TagFormat Format), int> _open = [];
    private Mark? _mark;

    /// <param name="memory">Where it is noted that a difference was found.</param>
    /// <param name="build">Stands for the versions of the plugin and of Orthanc: others are given a new chance.</param>
    /// <param name="behind">Runs work on a thread with a large stack, and does not wait for it.</param>
    public TagsCheck(DerivedTags tags, IOrigin origin, ISettingsMemory memory, Digest128 build, Action<Action> behind, TimeProvider time, ILog log)
    {
        _tags = tags;
        _origin = origin;
        _memory = memory;
        _build = build;
        _behind = behind;
        _time = time;
        _log = log;
        foreach (var format in Enum.GetValues<TagFormat>())
        {
            foreach (var route in (string[])["tags", "simplified-tags", "instances-tags", "shared-tags"])
            {
                _open.Add((route, format), MaximumTries);
            }
        }

        if (TryReadMark() is { } mark)
        {
            _mark = mark;
            if (mark.Build == build)
            {
                tags.IsOff = true;
                LogMessages.TagsAreLeft(log);
            }
        }
    }

    /// <summary>The settings as responses about tags have them: others than those of before a difference was found.</summary>
    public SettingsState Of(SettingsState settings)
    {
        if (Volatile.Read(ref _mark) is not { } mark || !settings.IsKnown)
        {
            return settings;
        }

        var fingerprint = Digest128.Combine(settings.Fingerprint, mark.Build);
        var since = new SettingsSince(fingerprint, Math.Max(settings.Since.Seconds, mark.Since)) { IsOnDisk = settings.Since.IsOnDisk };
        return settings with { Fingerprint = fingerprint, Since = since };
    }

    /// <summary>A response was derived and sent: it is compared if it is the first of its kind.</summary>
    public void Offer(Resource resource, Route route, DerivedResponse response)
    {
        var kind = (route.Name, response.Format);
        lock (_open)
        {
            if (_tags.IsOff || !_open.TryGetValue(kind, out var tries)
                || response.Body.Length > MaximumBody || response.Count > MaximumInstances)
            {
                return;
            }

            _open.Remove(kind);
            var sent = Digest128.Of(response.Body);
            _behind(() =>
            {
                if (!TryCompare(resource, route, kind.Format, sent) && tries > 1)
                {
                    lock (_open)
                    {
                        _open[kind] = tries - 1;
                    }
                }
            });
        }
    }

    /// <summary>False where it is not known whether they are equal.</summary>
    private bool TryCompare(Resource resource, Route route, TagFormat format, Digest128 sent)
    {
        try
        {
            var what = route.Name + (format == TagFormat.Short ? "?short" : format == TagFormat.Simplified ? "?simplify" : "");
            var level = Encoding.ASCII.GetString(ResourceLevels.PathOf(resource.Level));
            var target = DerivedTags.PathOf(level, resource.Id, "/" + what);
            for (var i = 0; i < Rounds; i++)
            {
                var own = Ask(target);
                if (own == sent)
                {
                    return true;
                }

                using var anew = _tags.MakeAnew(resource, route, format);
                if (own is null || Digest128.Of(anew.Body) == own || Ask(target) != own)
                {
                    return false;
                }
            }

            SwitchOff($"/{level}/{{id}}/{what}");
            return true;
        }
        catch (Exception)
        {
            return false; // it cannot be made now, or the plugin is being finalized
        }
    }

    private Digest128? Ask(byte[] target)
    {
        using var response = _origin.Get(target.AsSpan(..^1));
        return response.IsSuccess && response.IsReadable ? Digest128.Of(response.Body) : null;
    }

    private void SwitchOff(string route)
    {
        var mark = new Mark(_build, _time.GetUtcNow().ToUnixTimeSeconds() + 1);
        _tags.IsOff = true;
        Volatile.Write(ref _mark, mark);
        LogMessages.TagsDiffer(_log, route);
        if (_memory.IsOpen)
        {
            _memory.Write(mark.Build, mark.Since);
        }
    }

    private Mark? TryReadMark()
    {
        try
        {
            return _memory.TryRead(out var build, out var since) ? new Mark(build, since) : null;
        }
        catch (Exception)
        {
            return null; // what cannot be read will be found again
        }
    }

    private sealed record Mark(Digest128 Build, long Since);
}

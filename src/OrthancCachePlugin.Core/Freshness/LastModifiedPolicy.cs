using System.Numerics;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>Gives each version of a response its <c>Last-Modified</c>, so that a 304 by date is as right as one by tag (RFC 9110 section
/// 13.1.3).</summary>
/// <remarks>
/// <para>The promise: a version of a request has a later date than every date that went out with another version of the same request. Dates
/// have whole seconds, so what changed within a second has the date of the next one, and a date from the future is not sent yet (section
/// 8.8.2.1): until then the response has its tag alone.</para>
/// <list type="number">
/// <item>The version that was answered last keeps its date.</item>
/// <item>Another version than that: later than now, and than the date of the one before, even where the clock was set back.</item>
/// <item>Nothing remembered, but the response was stored: the date that it was stored with. No version ever comes back after another one.</item>
/// <item>Nothing remembered: after <c>LastUpdate</c>, and not below a floor, which is later than the start of the process and than every date
/// that was forgotten.</item>
/// <item>Never before the settings of the server became what they are.</item>
/// </list>
/// <para>A table of fixed size with one place per hash; newer requests displace older ones, whose dates raise the floor. All times are Unix
/// seconds. Thread-safe; finding takes no lock and allocates nothing.</para>
/// </remarks>
/// <param name="capacity">Requests that are remembered; rounded up to a power of two.</param>
/// <param name="start">The time of the start: an earlier process has given no later date.</param>
internal sealed class LastModifiedPolicy(int capacity, long start)
{
    private readonly Entry?[] _entries = new Entry?[BitOperations.RoundUpToPowerOf2((uint)capacity)];
    private long _floor = start + 1;
    private long _latest = start;

    public Entry? Find(Digest128 request) => Volatile.Read(ref Place(request)) is { } entry && entry.Request == request ? entry : null;

    /// <summary>The date of a version, if it is the one that was answered last.</summary>
    public long? Find(Digest128 request, Digest128 version, long since, long now)
    {
        Raise(ref _latest, now);
        var entry = Find(request);
        return entry is null || entry.Version != version ? null
            : entry.Date >= since ? entry.Date
            : Set(request, version, entry.Revision, first: since, changed: now + 1, since, now);
    }

    public long Answered(Digest128 request, Digest128 version, long lastUpdate, long since, long now) =>
        Set(request, version, revision: 0, first: lastUpdate + 1, changed: Math.Max(lastUpdate, now) + 1, since, now);

    /// <summary>A response of this version was found that was stored with a date.</summary>
    public long Found(Digest128 request, Digest128 version, long stored, long since, long now) =>
        Set(request, version, revision: 0, first: null, changed: now + 1, since, now, stored);

    /// <summary>The origin has answered with this body while nothing had changed for two seconds, so that it is the body of this second.</summary>
    public long Quiet(Digest128 request, Digest128 body, long revision, long since, long now) =>
        Set(request, body, revision, first: now, changed: now, since, now);

    /// <summary>A response went out without validators, perhaps of another version than is true now. Its <c>Date</c> may come back in their place, so
    /// what is true now has a later one.</summary>
    public void SentWithoutValidators(Digest128 request, long now)
    {
        Entry? seen;
        Entry entry;
        do
        {
            seen = Volatile.Read(ref Place(request));
            entry = seen is null || seen.Request != request ? new Entry(request, default, 0, now)
                : seen with { Date = Math.Max(seen.Date, seen.Version == default ? now : now + 1) };
        }
        while (!TryRemember(entry, seen, now));
    }

    private long Set(
        Digest128 request, Digest128 version, long revision, long? first, long changed, long since, long now, long stored = 0)
    {
        while (true)
        {
            var seen = Volatile.Read(ref Place(request));
            var known = seen is not null && seen.Request == request ? seen : null;
            var floor = Interlocked.Read(ref _floor); // after the place was read: what is displaced raises it before
            var date = first is { } least ? Math.Max(least, floor) : stored;
            if (known is not null)
            {
                var isSame = known.Version == version && known.Revision == revision;
                date = isSame ? known.Date : Math.Max(known.Date + 1, known.Version == default ? date : changed);
            }

            date = Math.Max(date, since);
            var entry = new Entry(request, version, revision, date);
            if (entry == known || TryRemember(entry, seen, now))
            {
                return date;
            }
        }
    }

    private bool TryRemember(Entry entry, Entry? seen, long now)
    {
        Raise(ref _latest, now);
        if (seen is not null && seen.Request != entry.Request)
        {
            // A date from the future has not been sent yet.
            Raise(ref _floor, Math.Min(seen.Date, Interlocked.Read(ref _latest)) + 1);
        }

        return Interlocked.CompareExchange(ref Place(entry.Request), entry, seen) == seen;
    }

    private ref Entry? Place(Digest128 request) => ref _entries[(int)(request.Low & (ulong)(_entries.Length - 1))];

    private static void Raise(ref long value, long least)
    {
        for (var present = Interlocked.Read(ref value); present < least; present = Interlocked.Read(ref value))
        {
            Interlocked.CompareExchange(ref value, least, present);
        }
    }

    /// <param name="Request">Digest of the canonical request.</param>
    /// <param name="Version">Version of the resource, or digest of the body; default where only a response without validators was sent.</param>
    /// <param name="Revision">Of a volatile route, the revision in which the body was current; else 0.</param>
    /// <param name="Date">Unix seconds; may be in the future.</param>
    internal sealed record Entry(Digest128 Request, Digest128 Version, long Revision, long Date);
}

using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>Computes responses ahead of requests. Thread-safe; asks Orthanc, so never called on a thread of its events.</summary>
public interface IWarmer
{
    WarmUpOutcome Warm(Resource resource, WarmUpRoute route);
}

public sealed class Warmer(ResponseCache cache, IOrigin origin, OrthancApi api) : IWarmer
{
    public WarmUpOutcome Warm(Resource resource, WarmUpRoute route)
    {
        var exchange = new WarmUpExchange(origin, route, resource);
        var outcome = WarmUpOutcomes.Of(cache.Serve(exchange));
        // A version that is not known looks the same for a resource that is settling and for one that does not exist, and so does an error.
        return outcome is WarmUpOutcome.Unsettled or WarmUpOutcome.Failed && !api.Exists(resource) ? WarmUpOutcome.Deleted : outcome;
    }
}

public enum WarmUpOutcome
{
    /// <summary>Too young, or something is changing: a response computed now would not be stored. Worth another try.</summary>
    Unsettled,

    Cached,

    Stored,

    Deleted,

    /// <summary>An error of the origin, or a response not known to be complete: a file may be away for a while. Worth another try.</summary>
    Failed,

    NotCached, // the origin answered, but the response is not stored and will never be: too large, say

    Busy, // the store had no room in its queue, or did not work. Worth another try.
}

internal static class WarmUpOutcomes
{
    public static WarmUpOutcome Of(in CacheOutcome outcome) => outcome switch
    {
        { Result: CacheResult.Forwarded } => WarmUpOutcome.Deleted,
        { IsStored: true } => WarmUpOutcome.Stored,
        { Result: CacheResult.Hit } => WarmUpOutcome.Cached,
        { Detail: CacheDetail.Unsettled } => WarmUpOutcome.Unsettled,
        { Detail: CacheDetail.Incomplete or CacheDetail.OriginError or CacheDetail.Failure } => WarmUpOutcome.Failed,
        { Detail: CacheDetail.Busy or CacheDetail.NoStore } => WarmUpOutcome.Busy,
        _ => WarmUpOutcome.NotCached,
    };
}

/// <summary>A request that no client has sent, so that its response goes the way of all responses and ends in the store.</summary>
internal sealed class WarmUpExchange(IOrigin origin, WarmUpRoute route, Resource resource) : IExchange
{
    private readonly byte[] _path = route.PathOf(resource);

    public HttpMethod Method => HttpMethod.Get;

    public bool IsWarmUp => true;

    public bool HasResponded { get; private set; }

    public ReadOnlySpan<byte> Path => _path;

    public int ArgumentCount => route.ArgumentCount;

    public ReadOnlySpan<byte> ArgumentName(int index) => route.ArgumentName(index);

    public ReadOnlySpan<byte> ArgumentValue(int index) => route.ArgumentValue(index);

    /// <remarks>Takes the response as it is stored, so that finding it costs no decompression.</remarks>
    public bool TryGetHeader(RequestHeader header, out ReadOnlySpan<byte> value)
    {
        var isCoding = header == RequestHeader.AcceptEncoding;
        value = isCoding ? "zstd"u8 : default;
        return isCoding;
    }

    public OriginResponse AskOrigin(ReadOnlySpan<byte> target) => origin.Get(target);

    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
    }

    public void Respond(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body) => HasResponded = true;

    public void RespondEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body) => HasResponded = true;

    public void NotModified() => HasResponded = true;

    public void RespondAsOrigin(OriginResponse response) => HasResponded = true;

    public void Forward() => HasResponded = true;
}

/// <summary>What warm-up has done since the start, in the background and in jobs. Thread-safe.</summary>
public sealed class WarmUpCounters
{
    private long _stored;
    private long _cached;
    private long _notStored;
    private long _deleted;
    private long _changed;
    private long _resources;
    private long _givenUp;
    private long _pauses;

    public long Stored => Interlocked.Read(ref _stored);

    public long Cached => Interlocked.Read(ref _cached);

    public long NotStored => Interlocked.Read(ref _notStored);

    public long Deleted => Interlocked.Read(ref _deleted);

    public long ChangedMeanwhile => Interlocked.Read(ref _changed); // resources that changed while they were warmed

    public long Resources => Interlocked.Read(ref _resources); // resources all of whose routes were done

    public long GivenUp => Interlocked.Read(ref _givenUp); // resources that never settled

    public long Pauses => Interlocked.Read(ref _pauses); // how often clients went first

    internal void Count(WarmUpOutcome outcome)
    {
        switch (outcome)
        {
            case WarmUpOutcome.Stored:
                Interlocked.Increment(ref _stored);
                break;
            case WarmUpOutcome.Cached:
                Interlocked.Increment(ref _cached);
                break;
            case WarmUpOutcome.NotCached:
                Interlocked.Increment(ref _notStored);
                break;
            case WarmUpOutcome.Deleted:
                Interlocked.Increment(ref _deleted);
                break;
            default:
                break; // tried again
        }
    }

    internal void Ended(bool isDone) => Interlocked.Increment(ref isDone ? ref _resources : ref _givenUp);

    internal void Canceled() => Interlocked.Increment(ref _changed);

    internal void Paused() => Interlocked.Increment(ref _pauses);
}

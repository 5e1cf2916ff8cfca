using System.Buffers;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Core.Serving;

/// <content>Asking the origin.</content>
public sealed partial class ResponseCache
{
    private OriginResponse AskOrigin(IExchange exchange)
    {
        const int MaximumTarget = 16 * 1024;
        var buffer = ArrayPool<byte>.Shared.Rent(MaximumTarget);
        try
        {
            var length = OriginTarget.Write(exchange, _policy.Ignored, buffer);
            if (length < 0)
            {
                return OriginResponse.NotFound;
            }

            var removals = _store.Removals.Position;
            var start = _time.GetTimestamp();
            var response = AskOrigin(exchange, buffer.AsSpan(0, length - 1));
            response.CostMicroseconds = (long)_time.GetElapsedTime(start).TotalMicroseconds;
            response.AskedAt = removals;
            return response;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private OriginResponse AskOrigin(IExchange exchange, ReadOnlySpan<byte> target)
    {
        if (exchange.IsWarmUp)
        {
            return exchange.AskOrigin(target);
        }

        Counters.EnterOrigin();
        try
        {
            return exchange.AskOrigin(target);
        }
        finally
        {
            Counters.LeaveOrigin();
        }
    }
}

using System.Buffers;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Policy;

namespace OrthancCachePlugin.Core.Serving;

/// <content>Asking the core.</content>
public sealed partial class ResponseCache
{
    private OriginAnswer AskCore(IExchange exchange)
    {
        const int LongestTarget = 16 * 1024;
        var buffer = ArrayPool<byte>.Shared.Rent(LongestTarget);
        try
        {
            var length = CoreTarget.Write(exchange, _policy.Ignored, buffer);
            if (length < 0)
            {
                return OriginAnswer.NotFound;
            }

            var removals = _store.Removals.Position;
            var start = _time.GetTimestamp();
            var answer = AskCore(exchange, buffer.AsSpan(0, length - 1));
            answer.CostMicroseconds = (long)_time.GetElapsedTime(start).TotalMicroseconds;
            answer.AskedAt = removals;
            return answer;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private OriginAnswer AskCore(IExchange exchange, ReadOnlySpan<byte> target)
    {
        if (exchange.IsWarmUp)
        {
            return exchange.AskCore(target);
        }

        Counters.EnterCore();
        try
        {
            return exchange.AskCore(target);
        }
        finally
        {
            Counters.LeaveCore();
        }
    }
}

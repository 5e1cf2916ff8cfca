using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>What all responses of one second have in common. Immutable.</summary>
internal sealed class SecondOfResponses
{
    private readonly byte[] _date;
    private readonly byte[] _expires;

    /// <param name="now">Unix seconds.</param>
    /// <param name="maximumAge">Seconds.</param>
    public SecondOfResponses(long now, long maximumAge)
    {
        Now = now;
        _date = Text(now);
        _expires = Text(now + maximumAge);
    }

    /// <summary>Unix seconds.</summary>
    public long Now { get; }

    /// <summary>With a zero byte at its end, as the other one.</summary>
    public ReadOnlySpan<byte> Date => _date;

    public ReadOnlySpan<byte> Expires => _expires;

    private static byte[] Text(long unixSeconds)
    {
        var text = new byte[HttpDate.Length + 1];
        HttpDate.Format(unixSeconds, text);
        return text;
    }
}

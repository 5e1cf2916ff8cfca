using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Origin;

/// <summary>
/// The path and query by which the origin is asked for what the client asked, without the ignored arguments (the origin logs what plugins
/// ask for, and a token must be in no log). Nothing is encoded: Orthanc decodes arguments neither from outside nor from inside
/// (HttpToolbox, SplitGETNameValue, since 1.9.8).
/// </summary>
public static class OriginTarget
{
    /// <summary>Writes the target, ending with a zero byte that is counted in the length.</summary>
    /// <returns>The number of bytes, or -1 where the destination is too small or the path cannot be said to the origin.</returns>
    public static int Write(IExchange exchange, IgnoredArguments ignored, Span<byte> destination)
    {
        // The origin takes the path of an internal call undecoded and cuts it at a question mark: with one in it, it would be another path.
        var path = exchange.Path;
        if (path.Length >= destination.Length || path.Contains((byte)'?'))
        {
            return -1;
        }

        path.CopyTo(destination);
        var length = path.Length;
        var separator = (byte)'?';
        for (var i = 0; i < exchange.ArgumentCount; i++)
        {
            var name = exchange.ArgumentName(i);
            if (ignored.Contains(name))
            {
                continue;
            }

            var value = exchange.ArgumentValue(i);
            if (length + name.Length + value.Length + 3 > destination.Length)
            {
                return -1;
            }

            destination[length++] = separator;
            separator = (byte)'&';
            name.CopyTo(destination[length..]);
            length += name.Length;
            destination[length++] = (byte)'=';
            value.CopyTo(destination[length..]);
            length += value.Length;
        }

        destination[length++] = 0;
        return length;
    }
}

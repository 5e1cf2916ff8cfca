using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Origin;

/// <summary>
/// The path and query under which Orthanc is asked for what a client asked, without ignored arguments: Orthanc logs what plugins ask for,
/// and a token must be in no log. Nothing is encoded, as Orthanc decodes no arguments (SplitGETNameValue, since 1.9.8).
/// </summary>
public static class OriginTarget
{
    /// <summary>Writes the target, ending with a zero byte that is counted in the length.</summary>
    /// <returns>The number of bytes, or -1 where the destination is too small or Orthanc would take the path for another.</returns>
    public static int Write(IExchange exchange, IgnoredArguments ignored, Span<byte> destination)
    {
        // Orthanc cuts the path of an internal call at a question mark.
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

using System.Buffers.Binary;
using System.Text;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Routing;

/// <summary>A stored key read back into what a person would call the request. See <see cref="RequestKey"/> for the layout.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Route">The row of the route table.</param>
/// <param name="Text">The path behind the identifier with its query, as <c>shared-tags?short</c>.</param>
/// <param name="Accept">The <c>Accept</c> header that the representation depends on; empty where there was none or it was JSON.</param>
/// <param name="Version">The version of the resource that the response belongs to.</param>
public sealed record StoredRequest(Resource Resource, Route Route, string Text, string Accept, Digest128 Version)
{
    /// <summary>Reads a key; false where it is of another format.</summary>
    public static bool TryRead(ReadOnlySpan<byte> key, out StoredRequest request)
    {
        request = null!;
        try
        {
            var code = key[RequestKey.ResourcePrefixSize];
            var level = (ResourceLevel)key[1];
            var rest = key[(RequestKey.ResourcePrefixSize + 1)..];
            var routes = level == ResourceLevel.Instance ? RouteTable.Instances : RouteTable.Parents;
            var route = routes.FirstOrDefault(r => r.Code == code);
            if (key[0] != RequestKey.Format || route is null)
            {
                return false;
            }

            var text = new StringBuilder(route.Name);
            var tail = Take(ref rest, Take(ref rest, 1)[0]);
            if (!tail.IsEmpty)
            {
                text.Append('/').Append(Encoding.UTF8.GetString(tail));
            }

            var arguments = Take(ref rest, 1)[0];
            for (var i = 0; i < arguments; i++)
            {
                var name = Take(ref rest, Take(ref rest, 1)[0]);
                text.Append(i == 0 ? '?' : '&').Append(Encoding.UTF8.GetString(name));
                var value = TakeLong(ref rest);
                if (!value.IsEmpty)
                {
                    text.Append('=').Append(Encoding.UTF8.GetString(value));
                }
            }

            var accept = Take(ref rest, 1)[0] == 1 ? Encoding.UTF8.GetString(TakeLong(ref rest)) : "";
            if (rest.Length != 2 * Digest128.Size)
            {
                return false;
            }

            var resource = new Resource(level, ResourceId.Read(key[2..]));
            request = new StoredRequest(resource, route, text.ToString(), accept, Digest128.Read(rest[Digest128.Size..]));
            return true;
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return false; // shorter than it says
        }
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> from, int length)
    {
        var taken = from[..length];
        from = from[length..];
        return taken;
    }

    private static ReadOnlySpan<byte> TakeLong(ref ReadOnlySpan<byte> from) =>
        Take(ref from, BinaryPrimitives.ReadUInt16LittleEndian(Take(ref from, sizeof(ushort))));
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Routing;

/// <summary>
/// The canonical request, every part with its length before it so that no two requests look alike:
/// <code>
/// 1   format, 1
/// 1   level
/// 20  identifier of the resource          (the first 22 bytes select all entries of a resource)
/// 1   code of the route
/// 1+n tail of the path
/// 1   number of arguments; each 1+n name, 2+n value, in the order of their names; of a name given twice, the last one, as the origin
/// 1   representation: 0 JSON, 1 as the Accept header that follows as 2+n says, 2 no Accept header
/// --- so far the request; behind it, for the store:
/// 16  fingerprint of what else shapes a response
/// 16  version of the resource
/// </code>
/// </summary>
public ref struct RequestKey
{
    /// <summary>Bytes of the part that names the resource.</summary>
    public const int ResourcePrefixSize = 2 + ResourceId.Size;

    public const int MaximumSize = Storage.EntryLimits.MaximumKeySize;

    internal const byte Format = 1;
    private const int MaximumArguments = 16;

    /// <summary>From a GUID, since the framework's RandomNumberGenerator loads OpenSSL into the host.</summary>
    private static readonly long Secret = BitConverter.ToInt64(Guid.NewGuid().ToByteArray(), 8) ^ BitConverter.ToInt64(Guid.NewGuid().ToByteArray());
    private readonly Span<byte> _buffer;
    private int _length;

    private RequestKey(Span<byte> buffer) => _buffer = buffer[..MaximumSize];

    public readonly ReadOnlySpan<byte> Request => _buffer[.._length];

    /// <summary>Digest of the canonical request, for tables of this process: nobody can choose two requests that share one.</summary>
    public readonly Digest128 RequestDigest => DigestOf(Request);

    /// <summary>The same of a stored key, which ends with fingerprint and version.</summary>
    public static Digest128 RequestDigestOf(ReadOnlySpan<byte> key) => DigestOf(key[..^(2 * Digest128.Size)]);

    private static Digest128 DigestOf(ReadOnlySpan<byte> request) => Digest128.Of(request, Secret);

    public static void WriteResource(Resource resource, Span<byte> destination)
    {
        destination[0] = Format;
        destination[1] = (byte)resource.Level;
        resource.Id.CopyTo(destination[2..]);
    }

    /// <summary>Bytes of the key of an instance's full tags.</summary>
    public const int FullTagsSize = ResourcePrefixSize + 4 + (2 * Digest128.Size);

    /// <summary>The key under which the JSON of <c>/instances/{id}/tags</c> is stored.</summary>
    public static ReadOnlySpan<byte> OfFullTags(ResourceId instance, Digest128 fingerprint, Digest128 file, Span<byte> destination)
    {
        destination.Clear(); // no tail, no arguments, JSON
        WriteResource(new Resource(ResourceLevel.Instance, instance), destination);
        destination[ResourcePrefixSize] = RouteTable.Tags.Code;
        fingerprint.CopyTo(destination[(ResourcePrefixSize + 4)..]);
        file.CopyTo(destination[(ResourcePrefixSize + 4 + Digest128.Size)..]);
        return destination[..FullTagsSize];
    }

    /// <summary>The resource of a stored key, whatever is stored under it.</summary>
    public static bool TryReadResource(ReadOnlySpan<byte> key, out Resource resource)
    {
        var isOne = key.Length > ResourcePrefixSize && key[0] == Format && key[1] <= (byte)ResourceLevel.Instance;
        resource = isOne ? new Resource((ResourceLevel)key[1], ResourceId.Read(key[2..])) : default;
        return isOne;
    }

    /// <summary>The canonical request followed by fingerprint and version: the key of a stored entry.</summary>
    public readonly ReadOnlySpan<byte> WithVersion(Digest128 fingerprint, Digest128 version)
    {
        fingerprint.CopyTo(_buffer[_length..]);
        version.CopyTo(_buffer[(_length + Digest128.Size)..]);
        return _buffer[..(_length + (2 * Digest128.Size))];
    }

    public static RequestDecision TryBuild(
        IExchange exchange,
        in RouteMatch match,
        Resource resource,
        IgnoredArguments isIgnored,
        Span<byte> buffer,
        out RequestKey key)
    {
        key = new RequestKey(buffer);
        WriteResource(resource, key._buffer);
        key._length = ResourcePrefixSize;
        key._buffer[key._length++] = match.Route.Code;
        if (match.Tail.Length > byte.MaxValue)
        {
            return RequestDecision.TooLong;
        }

        key._buffer[key._length++] = (byte)match.Tail.Length;
        match.Tail.CopyTo(key._buffer[key._length..]);
        key._length += match.Tail.Length;

        var decision = key.AppendArguments(exchange, match.Route, isIgnored);
        return decision == RequestDecision.Cacheable ? key.AppendRepresentation(exchange, match.Route) : decision;
    }

    [SkipLocalsInit]
    private RequestDecision AppendArguments(IExchange exchange, Route route, IgnoredArguments isIgnored)
    {
        Span<int> order = stackalloc int[MaximumArguments];
        var count = 0;
        for (var i = 0; i < exchange.ArgumentCount; i++)
        {
            var name = exchange.ArgumentName(i);
            if (isIgnored.Contains(name))
            {
                continue;
            }

            if (!route.Knows(name))
            {
                return RequestDecision.UnknownArgument;
            }

            if (!Insert(exchange, order, ref count, i))
            {
                return RequestDecision.TooLong;
            }
        }

        _buffer[_length++] = (byte)count;
        for (var i = 0; i < count; i++)
        {
            var name = exchange.ArgumentName(order[i]);
            var value = exchange.ArgumentValue(order[i]);
            if (_length + name.Length + value.Length + 3 > MaximumSize - 256)
            {
                return RequestDecision.TooLong;
            }

            _buffer[_length++] = (byte)name.Length;
            name.CopyTo(_buffer[_length..]);
            _length += name.Length;
            AppendLong(value);
        }

        return RequestDecision.Cacheable;
    }

    /// <summary>Insertion sort by name; a later argument of the same name takes the place of the earlier one.</summary>
    private static bool Insert(IExchange exchange, Span<int> order, ref int count, int argument)
    {
        var name = exchange.ArgumentName(argument);
        var position = 0;
        for (; position < count; position++)
        {
            var comparison = exchange.ArgumentName(order[position]).SequenceCompareTo(name);
            if (comparison == 0)
            {
                order[position] = argument;
                return true;
            }

            if (comparison > 0)
            {
                break;
            }
        }

        if (count == order.Length)
        {
            return false;
        }

        order[position..count].CopyTo(order[(position + 1)..]);
        order[position] = argument;
        count++;
        return true;
    }

    /// <summary>
    /// JSON routes answer XML only to an <c>Accept</c> that says so; any other one gets the same JSON. Elsewhere the header chooses
    /// among formats by rules of each route, so it is taken as it is.
    /// </summary>
    private RequestDecision AppendRepresentation(IExchange exchange, Route route)
    {
        if (!exchange.TryGetHeader(RequestHeader.Accept, out var accept))
        {
            _buffer[_length++] = route.Body == BodyKind.Json ? (byte)0 : (byte)2;
        }
        else if (route.Body == BodyKind.Json && !MentionsXml(accept))
        {
            _buffer[_length++] = 0;
        }
        else if (_length + accept.Length + 3 > MaximumSize - (2 * Digest128.Size))
        {
            return RequestDecision.TooLong;
        }
        else
        {
            _buffer[_length++] = 1;
            AppendLong(accept);
        }

        return RequestDecision.Cacheable;
    }

    /// <summary>Whether an <c>Accept</c> header may ask for XML.</summary>
    public static bool MentionsXml(ReadOnlySpan<byte> accept)
    {
        for (var i = 0; i + 3 <= accept.Length; i++)
        {
            if ((accept[i] | 0x20) == 'x' && (accept[i + 1] | 0x20) == 'm' && (accept[i + 2] | 0x20) == 'l')
            {
                return true;
            }
        }

        return false;
    }

    private void AppendLong(ReadOnlySpan<byte> text)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer[_length..], (ushort)text.Length);
        _length += sizeof(ushort);
        text.CopyTo(_buffer[_length..]);
        _length += text.Length;
    }
}

/// <summary>A stored key read back into what a person would call the request. See <see cref="RequestKey"/> for the layout.</summary>
/// <param name="Text">The path behind the identifier with its query, as <c>shared-tags?short</c>.</param>
/// <param name="Accept">The <c>Accept</c> header that the representation depends on; empty where there was none or it was JSON.</param>
public sealed record StoredRequest(Resource Resource, Route Route, string Text, string Accept, Digest128 Version)
{
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

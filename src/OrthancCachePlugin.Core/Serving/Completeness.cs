using System.Buffers.Text;
using System.IO.Compression;
using System.Text.Json;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Tags;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// Whether a success of the origin is what it is while every file of the storage can be read. Orthanc leaves a file that it cannot read out of
/// shared tags and archives, and gives of one that was cut what is left of it: with 200, and under the same version as the complete response.
/// What is compared is the response itself, for a file may be away for a moment between any two questions. What looks at a file goes
/// through Orthanc, whose memory may hold what was cut while the disk is whole again.
/// </summary>
public static class Completeness
{
    /// <summary>The check of the running plugin; in doubt, or where it fails itself, the response is not complete.</summary>
    public static bool IsKnown(ResponseCache cache, in CacheRequest request, OriginResponse response)
    {
        try
        {
            var exchange = request.Exchange;
            return request.Route.Name switch
            {
                "shared-tags" => IsJson(response) ? AreSharedTags(cache, exchange, response) : IsXmlOfSharedTags(cache, exchange, response.Body),
                "instances-tags" => IsJson(response) ? AreTagsOfInstances(exchange, response.Body) : IsXmlUpToPixelData(response.Body),
                "archive" or "media" => IsArchive(request, response),
                "file" => Has(exchange, "transcode"u8)
                    ? IsFileWhole(exchange, request.Resource.Id)
                    : FileCheck.TrySize(new ExchangeOrigin(exchange), request.Resource.Id, out var size) && FileCheck.IsFile(response, size),
                "tags" or "simplified-tags" => Has(exchange, "whole"u8)
                    ? !FileCheck.HasTag(response.Body, "0000,0000"u8, "CommandGroupLength"u8) && IsFileWhole(exchange, request.Resource.Id)
                    : FileCheck.HasAllTags(new ExchangeOrigin(exchange), request.Resource.Id, response.Body),
                "header" => (FileCheck.HasTag(response.Body, "0002,0010"u8, "TransferSyntaxUID"u8) && IsReadUpToPixelData(exchange, request.Resource))
                    || IsFileWhole(exchange, request.Resource.Id),

                // A file that was cut before its number of frames has one.
                "frames" when !request.Route.HasTail => response.Body.Contains((byte)',')
                    || IsFileWhole(exchange, request.Resource.Id),

                // Pixels, PDF: the whole file is parsed, and one that was cut is an error.
                _ => true,
            };
        }
        catch (Exception)
        {
            return false;
        }
    }

    private static bool AreSharedTags(ResponseCache cache, IExchange exchange, OriginResponse response)
    {
        var check = new SharedTagsExchange(exchange, response, FormatOf(exchange));
        return cache.Serve(check).IsOfKnownVersion && check.AreEqual;
    }

    /// <summary>
    /// Without an instance they are more, never others: those that are as many as in the JSON, which is complete, are the same.
    /// </summary>
    private static bool IsXmlOfSharedTags(ResponseCache cache, IExchange exchange, ReadOnlySpan<byte> xml)
    {
        var query = FormatOf(exchange) switch
        {
            TagFormat.Simplified => "?simplify\0"u8,
            TagFormat.Short => "?short\0"u8,
            _ => "\0"u8,
        };
        byte[] target = [.. exchange.Path, .. query];
        using var json = exchange.AskOriginBesides(target.AsSpan(..^1));
        return json.IsSuccess && IsJson(json) && AreSharedTags(cache, exchange, json)
            && xml.Count("\n  <"u8) - xml.Count("\n  </"u8) == json.Body.Count("\n   \""u8);
    }

    private static TagFormat FormatOf(IExchange exchange) =>
        Has(exchange, "simplify"u8) ? TagFormat.Simplified : Has(exchange, "short"u8) ? TagFormat.Short : TagFormat.Full;

    /// <summary>
    /// An unreadable instance is an error here, and so is one that was cut before its pixel data. One without pixel data may have been
    /// cut anywhere. No file has a command (group 0): that is what zeros are read as.
    /// </summary>
    private static bool AreTagsOfInstances(IExchange exchange, ReadOnlySpan<byte> body)
    {
        // Strings have no line breaks, so a line tells by its indentation what it is.
        if (body.IndexOf("\n      \"0000,0000\" "u8) >= 0 || body.IndexOf("\n      \"CommandGroupLength\" "u8) >= 0)
        {
            return false;
        }

        var instances = body.Count("\n   \""u8);
        if (instances > 0 && instances == body.Count("\n      \"7fe0,0010\" "u8) + body.Count("\n      \"PixelData\" "u8))
        {
            return true;
        }

        var reader = SharedTags.Open(body);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!ResourceId.TryParse(reader.ValueSpan, out var instance))
            {
                return false;
            }

            var hasPixelData = false;
            SharedTags.Expect(ref reader, JsonTokenType.StartObject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                hasPixelData |= reader.ValueTextEquals("7fe0,0010"u8) || reader.ValueTextEquals("PixelData"u8);
                reader.Skip();
            }

            if (!hasPixelData && !IsFileWhole(exchange, instance))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The same of XML, but for instances without pixel data, which are not looked at.</summary>
    private static bool IsXmlUpToPixelData(ReadOnlySpan<byte> xml) =>
        xml.IndexOf("\n    <0000,0000>"u8) < 0
        && xml.IndexOf("\n    <CommandGroupLength>"u8) < 0
        && xml.Count("\n  <"u8) - xml.Count("\n  </"u8) == xml.Count("\n    <7fe0,0010>"u8) + xml.Count("\n    <PixelData>"u8);

    /// <summary>As many files as instances, each of them DICOM, and as many bytes as were received.</summary>
    private static bool IsArchive(in CacheRequest request, OriginResponse response)
    {
        using var statistics = Ask(request.Exchange, request.Resource, "/statistics"u8);
        if (!statistics.IsSuccess || !TryReadStatistics(statistics.Body, out var instances, out var received))
        {
            return false;
        }

        using var stream = response.OpenBody();
        using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
        long files = 0;
        long bytes = 0;
        foreach (var entry in archive.Entries)
        {
            if (entry.FullName == "DICOMDIR" && request.Route.Name == "media")
            {
                continue;
            }

            using var content = entry.Open();
            if (!FileCheck.IsDicom(content))
            {
                return false;
            }

            files++;
            bytes += entry.Length;
        }

        return files == instances && (received is null || received == bytes || Has(request.Exchange, "transcode"u8));
    }

    private static bool TryReadStatistics(ReadOnlySpan<byte> json, out long instances, out long? received)
    {
        instances = -1;
        received = null;
        var reader = SharedTags.Open(json);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCount = reader.ValueTextEquals("CountInstances"u8);
            var isSize = reader.ValueTextEquals("DicomUncompressedSize"u8);
            reader.Read();
            if (isCount)
            {
                instances = reader.GetInt64();
            }
            else if (isSize && Utf8Parser.TryParse(reader.ValueSpan, out long size, out _))
            {
                received = size;
            }
        }

        return instances >= 0;
    }

    /// <summary>Whether Orthanc knows where the pixel data begins: then it reads as far, and less is an error.</summary>
    private static bool IsReadUpToPixelData(IExchange exchange, Resource instance)
    {
        using var offset = Ask(exchange, instance, "/metadata/PixelDataOffset"u8);
        return offset.IsSuccess;
    }

    private static bool IsFileWhole(IExchange exchange, ResourceId instance) => FileCheck.IsWhole(new ExchangeOrigin(exchange), instance);

    private static bool IsJson(OriginResponse response) => response.ContentType.StartsWith("application/json"u8);

    private static bool Has(IExchange exchange, ReadOnlySpan<byte> argument)
    {
        for (var i = 0; i < exchange.ArgumentCount; i++)
        {
            if (exchange.ArgumentName(i).SequenceEqual(argument))
            {
                return true;
            }
        }

        return false;
    }

    private static OriginResponse Ask(IExchange exchange, Resource resource, ReadOnlySpan<byte> what)
    {
        Span<byte> path = stackalloc byte[128];
        var level = ResourceLevels.PathOf(resource.Level);
        path[0] = (byte)'/';
        level.CopyTo(path[1..]);
        path[level.Length + 1] = (byte)'/';
        var length = level.Length + 2;
        resource.Id.Format(path[length..]);
        length += ResourceId.TextLength;
        what.CopyTo(path[length..]);
        length += what.Length;
        path[length] = 0;
        return exchange.AskOriginBesides(path[..length]);
    }
}

/// <summary>Whether a success of the origin is known to be complete. Asked between the response and the confirmation of its version.</summary>
public delegate bool CompletenessCheck(ResponseCache cache, in CacheRequest request, OriginResponse response);

/// <summary>
/// Asks, in the way of all requests, for the full tags of the instances whose shared tags are looked at: from the store, or computed and stored
/// for the next who asks.
/// </summary>
internal sealed class SharedTagsExchange(IExchange parent, OriginResponse shared, TagFormat format) : IExchange
{
    private readonly byte[] _path = [.. parent.Path[..^"shared-tags".Length], .. "instances-tags"u8];

    /// <summary>Whether the shared tags are those of all instances.</summary>
    public bool AreEqual { get; private set; }

    public HttpMethod Method => HttpMethod.Get;

    public bool IsWarmUp => true;

    public bool HasResponded { get; private set; }

    public ReadOnlySpan<byte> Path => _path;

    public int ArgumentCount => 0;

    public ReadOnlySpan<byte> ArgumentName(int index) => default;

    public ReadOnlySpan<byte> ArgumentValue(int index) => default;

    /// <remarks>What forbids to store the one forbids it for the other.</remarks>
    public bool TryGetHeader(RequestHeader header, out ReadOnlySpan<byte> value)
    {
        value = default;
        return header == RequestHeader.CacheControl && parent.TryGetHeader(header, out value);
    }

    public OriginResponse AskOrigin(ReadOnlySpan<byte> target) => parent.AskOriginBesides(target);

    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
    }

    public void Respond(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body)
    {
        HasResponded = true;
        AreEqual = SharedTags.AreComplete(shared.Body, format, body);
    }

    public void RespondEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body) => HasResponded = true;

    public void NotModified() => HasResponded = true;

    public void RespondAsOrigin(OriginResponse response)
    {
        HasResponded = true;
        AreEqual = response.IsSuccess && SharedTags.AreComplete(shared.Body, format, response.Body);
    }

    public void Forward() => HasResponded = true;
}

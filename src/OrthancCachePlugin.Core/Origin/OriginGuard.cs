using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Origin;

/// <summary>Keeps requests from the origin that would end the server or its memory, and half archives from the client. Pure.</summary>
public static class OriginGuard
{
    /// <summary>The bytes at the end of an archive that <see cref="IsWholeArchive"/> wants to see.</summary>
    public const int ArchiveTail = EndRecordSize + ushort.MaxValue;

    /// <summary>Pixels; a frame of that width and height is about 10 GB. Bare Orthanc 1.10.1 hangs or dies of more.</summary>
    private const int MaximumSide = 100_000;

    /// <summary>JsonCpp's limit of nested values; one more makes it throw.</summary>
    private const int MaximumDepth = 1000;

    private const int EndRecordSize = 22;

    /// <summary>Whether a path is one of those that are looked at: cheap, for every request asks.</summary>
    public static bool Concerns(ReadOnlySpan<byte> path) =>
        path.EndsWith("/archive"u8) || path.EndsWith("/media"u8) || path.EndsWith("/rendered"u8);

    /// <summary>The error for a request that the origin must not have, or null.</summary>
    /// <param name="request">The request.</param>
    /// <param name="readsLongIntegers">Whether integers of a body are read as 64 bits. Since 1.13.0; before, JsonCpp throws beyond 32.</param>
    /// <param name="exceptionsAreCaught">Whether the exception guard works: then the origin may throw.</param>
    public static OriginError? Reject(OriginRequest request, bool readsLongIntegers, bool exceptionsAreCaught)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.IsArchive && request.Method == HttpMethod.Post)
        {
            return !exceptionsAreCaught && Throws(request.Body, readsLongIntegers) ? OriginErrors.OfException(kind: 5) : null;
        }

        bool IsTooLarge(string side) =>
            request.Arguments.TryGetValue(side, out var text) && OriginErrors.TryInteger(text, out var size) && size > MaximumSide;
        return request.IsImage && request.Name == "rendered" && (IsTooLarge("width") || IsTooLarge("height"))
            ? OriginError.OfCode(OriginCode.NotEnoughMemory)
            : null;
    }

    /// <summary>Whether an archive would be built in memory: one that a job builds goes to a file.</summary>
    public static bool IsBuiltInMemory(OriginRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.IsArchive && (request.Method == HttpMethod.Get || (request.Method == HttpMethod.Post && !IsAsynchronous(request.Body)));
    }

    /// <summary>The error for an archive that is larger than all of the memory that archives may take.</summary>
    /// <param name="request">The request.</param>
    /// <param name="bytes">Of DICOM.</param>
    /// <param name="limit">Bytes.</param>
    /// <param name="isMadeByTools">Whether <c>GET /tools/create-media</c> makes it too, which streams: since 1.12.4.</param>
    public static OriginError RejectArchive(OriginRequest request, long bytes, long limit, bool isMadeByTools)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!isMadeByTools || request.Method != HttpMethod.Get)
        {
            return OriginError.OfCode(
                OriginCode.NotEnoughMemory,
                string.Create(CultureInfo.InvariantCulture, $"This archive would hold {bytes >> 20} MiB, and up to {limit >> 20} MiB ")
                + "can be built at once: POST {\"Asynchronous\": true} to the same path, and download the archive of that job");
        }

        var tool = request.Name == "archive" ? "create-archive" : request.Arguments.ContainsKey("extended") ? "create-media-extended" : "create-media";
        var target = new StringBuilder($"../../tools/{tool}?resources={request.Id}");
        foreach (var name in (string[])["transcode", "lossy-quality", "filename"])
        {
            if (request.Arguments.TryGetValue(name, out var value))
            {
                target.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(value))));
            }
        }

        return new OriginError(OriginErrorKind.TemporaryRedirect, 307, target.ToString());
    }

    /// <summary>
    /// Whether an archive ends with its "end of central directory" (APPNOTE.TXT, 4.3.16). When a job fails half way, the origin's stream just
    /// ends, and an internal call passes the half off as the whole.
    /// </summary>
    /// <param name="tail">The last <see cref="ArchiveTail"/> bytes, or all where there are fewer.</param>
    public static bool IsWholeArchive(ReadOnlySpan<byte> tail)
    {
        const int CommentSize = 20;
        for (var start = tail.Length - EndRecordSize; start >= 0; start--)
        {
            var record = tail[start..];
            if (record.StartsWith("PK\x05\x06"u8)
                && BinaryPrimitives.ReadUInt16LittleEndian(record[CommentSize..]) == record.Length - EndRecordSize)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether JsonCpp would throw at the body of a POST: nested too deep, or an integer that does not fit (Json::LogicError). In doubt
    /// yes: a wrong body may get a 500 instead of a 400.
    /// </summary>
    private static bool Throws(ReadOnlyMemory<byte> body, bool readsLongIntegers)
    {
        if (IsTooDeep(body.Span))
        {
            return true;
        }

        using var document = TryParse(body);
        return document is not null && (Overflows("Priority") || Overflows("LossyQuality"));

        bool Overflows(string field) => document.RootElement.TryGetProperty(field, out var value)
            && value.ValueKind == JsonValueKind.Number
            && decimal.TryParse(value.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number is >= long.MinValue and <= ulong.MaxValue
            && (readsLongIntegers ? number > long.MaxValue : number is < int.MinValue or > int.MaxValue);
    }

    private static bool IsAsynchronous(ReadOnlyMemory<byte> body)
    {
        using var document = TryParse(body);
        return document is not null && (document.RootElement.TryGetProperty("Synchronous", out var synchronous)
            ? synchronous.ValueKind == JsonValueKind.False
            : document.RootElement.TryGetProperty("Asynchronous", out var asynchronous) && asynchronous.ValueKind == JsonValueKind.True);
    }

    /// <returns>Null for what is no object to us; JsonCpp takes more than the standard allows.</returns>
    private static JsonDocument? TryParse(ReadOnlyMemory<byte> body)
    {
        try
        {
            var document = JsonDocument.Parse(body, new JsonDocumentOptions
            {
                AllowTrailingCommas = true,
                CommentHandling = JsonCommentHandling.Skip,
                MaxDepth = MaximumDepth,
            });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
        }
        catch (JsonException)
        {
        }

        return null;
    }

    /// <summary>Counts brackets outside of texts; a comment with brackets counts too.</summary>
    private static bool IsTooDeep(ReadOnlySpan<byte> json)
    {
        var depth = 0;
        var isText = false;
        for (var i = 0; i < json.Length; i++)
        {
            var c = json[i];
            if (isText)
            {
                i += c == '\\' ? 1 : 0;
                isText = c != '"';
            }
            else if (c == '"')
            {
                isText = true;
            }
            else if (c is (byte)'[' or (byte)'{')
            {
                if (++depth > MaximumDepth)
                {
                    return true;
                }
            }
            else if (c is (byte)']' or (byte)'}')
            {
                depth--;
            }
        }

        return false;
    }

    /// <summary>The bytes of DICOM in a response of <c>/statistics</c>.</summary>
    public static bool TryReadSize(ReadOnlySpan<byte> json, out long bytes)
    {
        bytes = 0;
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("DicomUncompressedSize"u8))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.String
                        && long.TryParse(reader.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out bytes);
                }
            }
        }
        catch (JsonException)
        {
        }

        return false;
    }
}

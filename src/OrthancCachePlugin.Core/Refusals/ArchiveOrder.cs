using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// The body of <c>POST .../archive</c> and <c>.../media</c>, read in the order in which the origin reads it (OrthancRestArchive,
/// GetJobParameters): its first complaint, and whether a job is asked for instead of an archive. Pure.
/// </summary>
public sealed class ArchiveOrder
{
    /// <summary>JsonCpp's own limit of nested values; one more makes it throw.</summary>
    public const int DeepestNesting = 1000;

    private readonly OriginTraits _traits;

    private ArchiveOrder(OriginTraits traits) => _traits = traits;

    /// <summary>What the origin says against the body; null where nothing is known to be wrong with it.</summary>
    public Refusal? Complaint { get; private set; }

    /// <summary>Whether the complaint is one that the origin makes by an exception which is none of its own.</summary>
    public bool EndsInException { get; private set; }

    /// <summary>Whether only a job is submitted, which answers at once.</summary>
    public bool IsAsynchronous { get; private set; }

    /// <summary>Reads a body. One that is no JSON to us is left without complaint: JsonCpp decides what it is.</summary>
    public static ArchiveOrder Read(ReadOnlyMemory<byte> body, OriginTraits traits)
    {
        ArgumentNullException.ThrowIfNull(traits);
        var order = new ArchiveOrder(traits);
        if (IsNestedDeeper(body.Span, DeepestNesting))
        {
            order.Throw();
            return order;
        }

        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions
            {
                AllowTrailingCommas = true,
                CommentHandling = JsonCommentHandling.Skip,
                MaxDepth = DeepestNesting,
            });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                _ = order.Check(document.RootElement);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // JsonCpp takes more than the standard allows, and texts that are no UTF-8.
        }

        return order;
    }

    /// <summary>Whether brackets are nested deeper than that, those inside of texts and comments left out.</summary>
    internal static bool IsNestedDeeper(ReadOnlySpan<byte> json, int limit)
    {
        var depth = 0;
        var isText = false;
        for (var i = 0; i < json.Length; i++)
        {
            var c = json[i];
            if (isText)
            {
                if (c == '\\')
                {
                    i++;
                }
                else
                {
                    isText = c != '"';
                }
            }
            else if (c == '"')
            {
                isText = true;
            }
            else if (c is (byte)'[' or (byte)'{')
            {
                if (++depth > limit)
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

    /// <summary>Goes through the fields; false at the first complaint.</summary>
    private bool Check(JsonElement body)
    {
        if (body.TryGetProperty("Synchronous", out var synchronous))
        {
            if (!CheckBoolean("Synchronous", synchronous))
            {
                return false;
            }

            IsAsynchronous = !synchronous.GetBoolean();
        }
        else if (body.TryGetProperty("Asynchronous", out var asynchronous))
        {
            if (!CheckBoolean("Asynchronous", asynchronous))
            {
                return false;
            }

            IsAsynchronous = asynchronous.GetBoolean();
        }

        return (!body.TryGetProperty("Priority", out var priority) || CheckInteger("Priority", priority, isUnsigned: false))
            && (!body.TryGetProperty("Extended", out var extended) || CheckBoolean("Extended", extended))
            && (!body.TryGetProperty("Transcode", out var transcode) || CheckTranscoding(transcode, body))
            && (!_traits.ReadsUtf8 || !body.TryGetProperty("Utf8", out var utf8) || CheckBoolean("Utf8", utf8));
    }

    private bool CheckTranscoding(JsonElement transcode, JsonElement body)
    {
        if (transcode.ValueKind != JsonValueKind.String)
        {
            return Complain(OriginCode.BadFileFormat, "String value expected in field: Transcode");
        }

        var syntax = transcode.GetString()!;
        if (!TransferSyntaxes.IsKnown(syntax))
        {
            return Complain(OriginCode.ParameterOutOfRange, "Unknown transfer syntax: " + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(syntax)));
        }

        return !_traits.ReadsLossyQuality || !body.TryGetProperty("LossyQuality", out var quality)
            || CheckInteger("LossyQuality", quality, isUnsigned: true);
    }

    private bool CheckBoolean(string field, JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False
        || Complain(OriginCode.BadFileFormat, "Boolean value expected in field: " + field);

    /// <summary>
    /// An integer to JsonCpp is written without point and exponent, and fits 64 bits with or without sign. Taking one that does not fit
    /// the type asked for throws (Json::LogicError).
    /// </summary>
    private bool CheckInteger(string field, JsonElement value, bool isUnsigned)
    {
        if (value.ValueKind != JsonValueKind.Number
            || !decimal.TryParse(value.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            || number is < long.MinValue or > ulong.MaxValue)
        {
            // Where such a number is a mistake, the whole body is no JSON.
            return (value.ValueKind != JsonValueKind.Number || _traits.ReadsInfinity || double.IsFinite(value.GetDouble()))
                && Complain(OriginCode.BadFileFormat, "Integer value expected in field: " + field);
        }

        if (_traits.ReadsLongIntegers)
        {
            if (number > long.MaxValue)
            {
                return Throw();
            }

            if (isUnsigned)
            {
                return number >= 0
                    || Complain(OriginCode.BadParameterType, $"Negative value found while expecting an unsigned int in field '{field}'");
            }

            return number <= int.MaxValue
                || Complain(OriginCode.BadParameterType, $"Value too large to fit in an integer in field '{field}'");
        }

        if (number is < int.MinValue or > int.MaxValue)
        {
            return Throw();
        }

        return !isUnsigned || number >= 0 || Complain(OriginCode.BadFileFormat, "Unsigned integer value expected in field: " + field);
    }

    private bool Complain(int code, string details)
    {
        Complaint = Refusal.Error(code, details);
        return false;
    }

    private bool Throw()
    {
        Complaint = CaughtExceptions.Describe(CaughtException.Other);
        EndsInException = true;
        return false;
    }
}

using System.Globalization;
using System.Text;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// The status and the body that the origin's HTTP server makes of an error code (MyHttpExceptionFormatter and ConvertErrorCodeToHttpStatus, the
/// same in 1.10.1, 1.12.7 and 1.13.0), for those that an ordinary request ends with. Whoever returns the code instead gets the same
/// response, and a line of level E in the log that bare Orthanc does not write. Pure.
/// </summary>
public static class ErrorBody
{
    /// <summary>The status of an error; 0 where only the origin is to say it.</summary>
    public static int StatusOf(int code) => code switch
    {
        OriginCode.ParameterOutOfRange or OriginCode.BadParameterType or OriginCode.BadRequest or OriginCode.BadFileFormat => 400,
        OriginCode.InexistentItem or OriginCode.UnknownResource => 404,
        OriginCode.InternalError or OriginCode.NotImplemented or OriginCode.UnknownDicomTag => 500,
        _ => 0,
    };

    /// <summary>The JSON, as JsonCpp writes it.</summary>
    /// <param name="code">An error that has a status.</param>
    /// <param name="method">Of the request.</param>
    /// <param name="path">Of the request, as the origin's HTTP server has it.</param>
    /// <param name="details">Of the error, or null.</param>
    /// <returns>Null where the texts have letters that JsonCpp would escape by rules that are not repeated here.</returns>
    public static byte[]? Write(int code, HttpMethod method, string path, string? details)
    {
        if (!IsPlain(path) || !IsPlain(details ?? ""))
        {
            return null;
        }

        var description = Describe(code);
        var status = StatusOf(code);
        var text = new StringBuilder("{\n");
        if (details is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"\t\"Details\" : \"{Escape(details)}\",\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\t\"HttpError\" : \"{Name(status)}\",\n\t\"HttpStatus\" : {status},\n")
            .Append(CultureInfo.InvariantCulture, $"\t\"Message\" : \"{description}\",\n\t\"Method\" : \"{Name(method)}\",\n")
            .Append(CultureInfo.InvariantCulture, $"\t\"OrthancError\" : \"{description}\",\n\t\"OrthancStatus\" : {code},\n")
            .Append(CultureInfo.InvariantCulture, $"\t\"Uri\" : \"{Escape(path)}\"\n}}\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static string Describe(int code) => code switch
    {
        OriginCode.InternalError => "Internal error",
        OriginCode.NotImplemented => "Not implemented yet",
        OriginCode.ParameterOutOfRange => "Parameter out of range",
        OriginCode.BadParameterType => "Bad type for a parameter",
        OriginCode.InexistentItem => "Accessing an inexistent item",
        OriginCode.BadRequest => "Bad request",
        OriginCode.BadFileFormat => "Bad file format",
        OriginCode.UnknownResource => "Unknown resource",
        OriginCode.UnknownDicomTag => "Unknown DICOM tag",
        _ => throw new ArgumentOutOfRangeException(nameof(code)),
    };

    private static string Name(int status) => status switch
    {
        400 => "Bad Request",
        404 => "Not Found",
        _ => "Internal Server Error",
    };

    private static string Name(HttpMethod method) => method switch
    {
        HttpMethod.Post => "POST",
        HttpMethod.Put => "PUT",
        HttpMethod.Delete => "DELETE",
        _ => "GET",
    };

    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}

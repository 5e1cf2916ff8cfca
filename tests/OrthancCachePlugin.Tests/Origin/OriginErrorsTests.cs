using System.Text;
using System.Text.Json;
using FluentAssertions;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using Xunit;

namespace OrthancCachePlugin.Tests.Origin;

public sealed class OriginErrorsTests
{
    private static readonly OriginError UnknownResource = OriginError.OfCode(OriginCode.UnknownResource);

    /// <summary>For cases that the request alone decides.</summary>
    private static (int Code, string? Body) NoQuestion(string path) => throw new InvalidOperationException("asked in vain: " + path);

    [Fact]
    public void Every_error_of_Orthanc_1_10_1_is_told_apart_as_it_meant_it()
    {
        var wrong = RecordedError.All
            .Select(r => (Case: r, Actual: Of(1, 10, 1, r.Ask).Read(r.Request, r.Reply)))
            .Where(r => r.Actual != r.Case.Expected)
            .Select(r => $"{r.Case}: {r.Actual} instead of {r.Case.Expected}");

        RecordedError.All.Should().HaveCountGreaterThan(1000);
        wrong.Should().BeEmpty();
    }

    [Theory]
    [InlineData(404, OriginErrorKind.Status)]
    [InlineData(415, OriginErrorKind.Status)]
    [InlineData(307, OriginErrorKind.Redirect)]
    [InlineData(301, OriginErrorKind.Redirect)]
    [InlineData(405, OriginErrorKind.MethodNotAllowed)]
    public void Orthanc_1_13_tells_the_status_of_a_GET_and_nothing_is_asked_again(int status, OriginErrorKind kind)
    {
        var request = new OriginRequest("/instances/a/preview");
        var errors = Of(1, 13, 0, NoQuestion);

        var error = errors.Read(request, new OriginReply(0, status, true, "../../x.png", "GET"));

        error.Kind.Should().Be(kind);
        error.Text.Should().Be(kind switch { OriginErrorKind.Redirect => "../../x.png", OriginErrorKind.MethodNotAllowed => "GET", _ => null });
        errors.Read(request, new OriginReply(OriginCode.UnknownResource)).Should().Be(UnknownResource);
    }

    [Fact]
    public void A_path_without_handler_is_an_error_and_not_a_bare_404() =>
        Of(1, 13, 0, NoQuestion).Read(new OriginRequest("/instances/a/raw"), new OriginReply(0, 404)).Should().Be(UnknownResource);

    [Fact]
    public void A_status_that_cannot_be_sent_bare_becomes_an_error_instead_of_silence() =>
        Of(1, 13, 0, NoQuestion).Read(new OriginRequest("/instances/a/tags"), new OriginReply(0, 204, true)).Kind.Should().Be(OriginErrorKind.Code);

    [Theory]
    [InlineData("image/gif;q=abc", 404)]
    [InlineData("image/gif;q=abc, image/png;q=2", 415)]
    [InlineData("image/png;q=0.5;q=x", 415)]
    public void Weights_are_read_as_the_version_reads_them(string accept, int middle)
    {
        var request = new OriginRequest("/instances/a/preview") { Accept = accept };
        var reply = new OriginReply(OriginCode.UnknownResource);

        Of(1, 10, 1, Decodable).Read(request, reply).Number.Should().Be(415);
        Of(1, 12, 7, Decodable).Read(request, reply).Number.Should().Be(middle);
    }

    [Theory]
    [InlineData("false", 415)]
    [InlineData("0", 415)]
    [InlineData("true", 0)]
    [InlineData("", 0)]
    public void The_placeholder_can_be_declined_since_1_12_7(string value, int status)
    {
        var request = new OriginRequest("/instances/a/frames/1/preview")
        {
            Arguments = new Dictionary<string, string> { ["returnUnsupportedImage"] = value },
        };
        var reply = new OriginReply(OriginCode.UnknownResource);

        Of(1, 10, 1, Undecodable).Read(request, reply)
            .Should().Be(new OriginError(OriginErrorKind.Redirect, 0, "../../../../app/images/unsupported.png"));
        Of(1, 12, 7, Undecodable).Read(request, reply).Number.Should().Be(status);
    }

    [Theory]
    [InlineData("1.10.1", 17, false)]
    [InlineData("1.12.2", 404, true)]
    public void A_file_that_cannot_be_transcoded_is_a_bare_404_since_1_12_2(string version, int number, bool isStatus)
    {
        var request = new OriginRequest("/instances/a/file") { Arguments = new Dictionary<string, string> { ["transcode"] = "1.2" } };
        var numbers = Array.ConvertAll(version.Split('.'), int.Parse);

        Of(numbers[0], numbers[1], numbers[2], Decodable).Read(request, new OriginReply(OriginCode.UnknownResource))
            .Should().Be(new OriginError(isStatus ? OriginErrorKind.Status : OriginErrorKind.Code, number));
    }

    [Theory]
    [InlineData(1, OriginCode.BadParameterType, 400)]
    [InlineData(2, OriginCode.InternalError, 500)]
    [InlineData(3, OriginCode.BadRequest, 400)]
    [InlineData(4, OriginCode.NotEnoughMemory, 0)]
    [InlineData(5, OriginCode.InternalError, 500)]
    public void A_caught_exception_is_the_error_that_Orthancs_server_makes_of_it(int kind, int code, int status)
    {
        OriginErrors.OfException(kind).Should().Be(OriginError.OfCode(code));
        OriginErrors.StatusOf(code).Should().Be(status);
    }

    [Fact]
    public void The_body_of_an_error_is_that_of_JsonCpp()
    {
        var request = new OriginRequest("/studies/\"a\"/archive") { Method = HttpMethod.Post };

        Encoding.ASCII.GetString(OriginErrors.WriteBody(request, OriginCode.BadFileFormat, "one \\ two")!).Should().Be(
            "{\n\t\"Details\" : \"one \\\\ two\",\n\t\"HttpError\" : \"Bad Request\",\n\t\"HttpStatus\" : 400,\n\t\"Message\" : \"Bad file format\",\n"
            + "\t\"Method\" : \"POST\",\n\t\"OrthancError\" : \"Bad file format\",\n\t\"OrthancStatus\" : 15,\n\t\"Uri\" : \"/studies/\\\"a\\\"/archive\"\n}\n");
    }

    [Theory]
    [InlineData("/studies/\u00fc/archive", OriginCode.UnknownResource)]
    [InlineData("/studies/a\n/archive", OriginCode.UnknownResource)]
    [InlineData("/studies/a/archive", OriginCode.NotEnoughMemory)]
    [InlineData("/studies/a/archive", 4711)]
    public void A_body_that_only_Orthanc_can_write_is_left_to_it(string path, int code) =>
        OriginErrors.WriteBody(new OriginRequest(path), code, null).Should().BeNull();

    private static OriginErrors Of(int major, int minor, int revision, Func<string, (int Code, string? Body)> ask) =>
        new((a, b, c) => (major, minor, revision).CompareTo((a, b, c)) >= 0, ask);

    private static (int Code, string? Body) Decodable(string path) =>
        (OriginCode.Success, path.EndsWith("/frames", StringComparison.Ordinal) ? "[ \"0\" ]" : null);

    private static (int Code, string? Body) Undecodable(string path) =>
        (OriginCode.NotImplemented, path.EndsWith("/frames", StringComparison.Ordinal) ? "[ \"0\", \"1\" ]" : null);
}

/// <summary>
/// One line of <c>errors-1.10.1.json</c>: a request, what a real Orthanc 1.10.1 said of it through an internal call, and what the same
/// Orthanc said to the same request from outside. Identifiers are shortened.
/// </summary>
/// <param name="Matlab">What the internal call said of the frame as a matrix; null where the route is none of an image.</param>
internal sealed record RecordedError(OriginRequest Request, OriginReply Reply, int? Matlab, OriginError Expected)
{
    /// <summary>The instance whose transfer syntax Orthanc cannot decode.</summary>
    private const string Undecodable = "/instances/id8/";

    public static IReadOnlyList<RecordedError> All { get; } = Read();

    public (int Code, string? Body) Ask(string path)
    {
        var isMatlab = path.EndsWith("/matlab", StringComparison.Ordinal);
        if (isMatlab || path.EndsWith("/image-uint8", StringComparison.Ordinal))
        {
            var code = Matlab ?? throw new InvalidOperationException("asked in vain: " + path);
            return (code == OriginCode.Success || isMatlab ? code : OriginCode.UnknownResource, null);
        }

        if (path.EndsWith("/frames", StringComparison.Ordinal))
        {
            return (0, Matlab == OriginCode.UnknownResource ? null : Matlab == OriginCode.ParameterOutOfRange ? "[]" : $"[ \"{Request.Frame}\" ]");
        }

        return path.EndsWith("/metadata", StringComparison.Ordinal)
            ? (path.StartsWith("/instances/id", StringComparison.Ordinal) ? OriginCode.Success : OriginCode.UnknownResource, null)
            : (0, path == Undecodable + "metadata/TransferSyntax" ? "1.2.840.10008.1.2.4.91" : "1.2.840.10008.1.2.1");
    }

    public override string ToString() =>
        $"{Request.Method} {Request.Path} {string.Join('&', Request.Arguments)} Accept: {Request.Accept} " + Encoding.UTF8.GetString(Request.Body.Span);

    private static List<RecordedError> Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Origin", "errors-1.10.1.json")));
        return [.. document.RootElement.EnumerateArray().Select(Read)];
    }

    private static RecordedError Read(JsonElement row)
    {
        string? Text(int index) => row[index].GetString();
        var arguments = new Dictionary<string, string>();
        foreach (var argument in Text(2)!.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            arguments[argument[..equals]] = argument[(equals + 1)..];
        }

        var request = new OriginRequest(Text(1)!)
        {
            Method = Enum.Parse<HttpMethod>(Text(0)!, ignoreCase: true),
            Arguments = arguments,
            Accept = Text(3),
            Body = Encoding.UTF8.GetBytes(Text(4) ?? ""),
        };
        var status = row[6].GetInt32();
        var reply = new OriginReply(row[5].GetInt32(), status, status is not (0 or 404), null, Text(7));
        int? matlab = row[8].ValueKind == JsonValueKind.Null ? null : row[8].GetInt32();

        // The details of errors are lost in the call, and not made up again.
        var kind = Text(9) == "Error" ? OriginErrorKind.Code : Enum.Parse<OriginErrorKind>(Text(9)!);
        return new(request, reply, matlab, new OriginError(kind, row[10].GetInt32(), kind == OriginErrorKind.Code || Text(11) is not { Length: > 0 } text ? null : text));
    }
}

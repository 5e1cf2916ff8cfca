using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using Xunit;

namespace OrthancCachePlugin.Tests.Bindings;

public sealed unsafe class RestOutputTests : IDisposable
{
    private readonly FakeOrthanc _orthanc = new();
    private readonly HeaderBlock _headers = new();
    private string _seen = "";

    private RestOutput Output => new(_orthanc.Context, (NativeRestOutput*)0x1000);

    public void Dispose() => _orthanc.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("text/plain")]
    [InlineData("x-zürich/ä")]
    [InlineData("terminated\0")]
    public void A_text_arrives_with_its_zero_byte(string contentType)
    {
        _orthanc.Handler = Note;

        Output.Respond("{}"u8, Encoding.UTF8.GetBytes(contentType)).Should().Be(OrthancErrorCode.Success);

        _seen.Should().Be(contentType.TrimEnd('\0'));
    }

    [Theory]
    [InlineData(510)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(100_000)]
    public void A_text_of_any_length_arrives_as_bytes_and_as_a_string(int length)
    {
        _orthanc.Handler = Note;
        var text = new string('x', length);

        Output.Respond("{}"u8, Encoding.UTF8.GetBytes(text));
        _seen.Should().Be(text);

        Output.Redirect(text);
        _seen.Should().Be(text);
    }

    [Fact]
    public void The_frequent_calls_allocate_nothing()
    {
        _orthanc.Handler = (_, _) => OrthancErrorCode.Success;
        RestOutput output = Output;
        Respond(output, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Respond(output, 1000);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    [Theory]
    [InlineData("1.12.5", false)]
    [InlineData("1.12.6", true)]
    public void Streams_are_left_to_the_servers_that_know_them(string version, bool expected)
    {
        using var orthanc = new FakeOrthanc(version);
        var output = new RestOutput(orthanc.Context, null);
        OrthancErrorCode code = expected ? OrthancErrorCode.Success : OrthancErrorCode.NotImplemented;

        output.StartStream("text/plain"u8).Should().Be(code);
        output.SendChunk("x"u8).Should().Be(code);

        orthanc.Calls.Should().Be(expected ? 2 : 0);
    }

    private void Respond(RestOutput output, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _headers.Clear(joins: true);
            _headers.Add("ETag"u8, "\"2e31e40208063db2c9edccf2ec012753\""u8);
            output.SendStatus(304, ReadOnlySpan<byte>.Empty, _headers);
            output.SendStatusCode(200);
            output.Respond("{}"u8, "application/json"u8);
            _orthanc.Context.Log(OrthancLogLevel.Info, "plugin"u8, "file"u8, 1, "a line with an ü");
        }
    }

    private OrthancErrorCode Note(OrthancService service, void* parameters)
    {
        _seen = Text(service == OrthancService.AnswerBuffer
            ? ((AnswerBufferParameters*)parameters)->MimeType
            : ((OutputArgumentParameters*)parameters)->Argument);
        return OrthancErrorCode.Success;
    }

    private static string Text(byte* text) => Encoding.UTF8.GetString(NativeString.AsSpan(text));
}

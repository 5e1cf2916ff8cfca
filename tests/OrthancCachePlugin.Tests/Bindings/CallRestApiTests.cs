using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using Xunit;

namespace OrthancCachePlugin.Tests.Bindings;

[Collection(NativeMemoryCollection.Name)]
public sealed unsafe class CallRestApiTests : IDisposable
{
    private readonly FakeOrthanc _orthanc = new();
    private readonly List<string> _seen = [];

    public void Dispose()
    {
        FakeOrthanc.Outstanding.Should().Be(0);
        OutstandingMemory.Count.Should().Be(0);
        _orthanc.Dispose();
    }

    [Fact]
    public void Method_path_headers_and_body_arrive_and_the_response_comes_back()
    {
        _orthanc.Handler = Respond;
        using var headers = new RestApiHeaders(stackalloc byte[RestApiHeaders.StackSize]);
        headers.Add("accept"u8, "application/json"u8);
        headers.Add("x-empty"u8, ""u8);
        headers.Add("x-cut"u8, "before\0behind"u8);

        OrthancErrorCode code = _orthanc.Context.CallRestApi(
            OrthancHttpMethod.Post, "/studies/ä?x=1"u8, in headers, "body"u8, out RestApiResponse? response);

        code.Should().Be(OrthancErrorCode.Success);
        _seen.Should().Equal("Post /studies/ä?x=1 built-in", "accept: application/json", "x-empty: ", "x-cut: before", "body");
        response!.Status.Should().Be(200);
        Encoding.UTF8.GetString(response.Body.Span).Should().Be("answer");
        Encoding.UTF8.GetString(response.Headers.Span).Should().Be("{}");
        response.Dispose();
        response.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(64)]
    public void Headers_that_outgrow_the_stack_arrive_too(int stackSize)
    {
        _orthanc.Handler = Respond;
        var headers = new RestApiHeaders(stackalloc byte[stackSize]);
        var expected = new List<string> { "Get /x built-in" };
        for (var i = 0; i < 100; i++)
        {
            headers.Add(Encoding.UTF8.GetBytes($"name-{i}"), Encoding.UTF8.GetBytes(new string('v', i * 7)));
            expected.Add($"name-{i}: {new string('v', i * 7)}");
        }

        _orthanc.Context.CallRestApi(OrthancHttpMethod.Get, "/x"u8, in headers, default, out RestApiResponse? response);

        headers.Dispose();
        response!.Dispose();
        _seen.Should().Equal([.. expected, ""]);
    }

    [Fact]
    public void No_headers_at_all_are_none()
    {
        _orthanc.Handler = Respond;

        _orthanc.Context.CallRestApi(OrthancHttpMethod.Get, "/x"u8, default, default, out RestApiResponse? response);

        response!.Dispose();
        _seen.Should().Equal("Get /x built-in", "");
    }

    [Fact]
    public void Of_a_failed_call_nothing_is_freed_although_addresses_are_left_behind()
    {
        _orthanc.Handler = (_, parameters) =>
        {
            var p = (CallRestApiParameters*)parameters;
            *p->AnswerBody = *p->AnswerHeaders = new NativeMemoryBuffer { Data = (void*)FakeOrthanc.Garbage, Size = 1 };
            return OrthancErrorCode.NotEnoughMemory;
        };

        _orthanc.Context.CallRestApi(OrthancHttpMethod.Get, "/x"u8, default, default, out RestApiResponse? response)
            .Should().Be(OrthancErrorCode.NotEnoughMemory);

        response.Should().BeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_one_buffer_is_absurd_the_other_is_freed(bool bodyIsAbsurd)
    {
        _orthanc.Handler = (_, parameters) =>
        {
            var p = (CallRestApiParameters*)parameters;
            *(bodyIsAbsurd ? p->AnswerBody : p->AnswerHeaders) = new NativeMemoryBuffer { Size = 9 };
            *(bodyIsAbsurd ? p->AnswerHeaders : p->AnswerBody) = FakeOrthanc.Buffer("good"u8);
            return OrthancErrorCode.Success;
        };

        _orthanc.Context.CallRestApi(OrthancHttpMethod.Get, "/x"u8, default, default, out RestApiResponse? response)
            .Should().Be(OrthancErrorCode.NullPointer);

        response.Should().BeNull();
    }

    private OrthancErrorCode Respond(OrthancService service, void* parameters)
    {
        service.Should().Be(OrthancService.CallRestApi);
        var p = (CallRestApiParameters*)parameters;
        _seen.Add($"{p->Method} {Text(p->Uri)} {(p->AfterPlugins != 0 ? "after" : "built-in")}");
        for (var i = 0; i < p->HeadersCount; i++)
        {
            _seen.Add($"{Text(p->HeadersKeys[i])}: {Text(p->HeadersValues[i])}");
        }

        _seen.Add(Encoding.UTF8.GetString(new ReadOnlySpan<byte>(p->Body, (int)p->BodySize)));
        *p->HttpStatus = 200;
        *p->AnswerBody = FakeOrthanc.Buffer("answer"u8);
        *p->AnswerHeaders = FakeOrthanc.Buffer("{}"u8);
        return OrthancErrorCode.Success;
    }

    private static string Text(byte* text) => Encoding.UTF8.GetString(NativeString.AsSpan(text));
}

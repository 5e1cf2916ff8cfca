using FluentAssertions;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using Xunit;

namespace OrthancCachePlugin.Tests.Bindings;

[Collection(NativeMemoryCollection.Name)]
public sealed unsafe class OwnedMemoryTests : IDisposable
{
    private readonly FakeOrthanc _orthanc = new();

    public void Dispose()
    {
        FakeOrthanc.Outstanding.Should().Be(0);
        OutstandingMemory.Count.Should().Be(0);
        _orthanc.Dispose();
    }

    [Fact]
    public void A_buffer_is_freed_once_however_often_it_is_disposed_of()
    {
        OwnedMemoryBuffer buffer = Get("content"u8);
        OutstandingMemory.Count.Should().Be(1);

        Parallel.For(0, 64, _ => buffer.Dispose());

        FakeOrthanc.Outstanding.Should().Be(0);
        OutstandingMemory.Count.Should().Be(0);
    }

    [Fact]
    public void A_freed_buffer_cannot_be_read()
    {
        OwnedMemoryBuffer buffer = Get("content"u8);
        buffer.Dispose();

        FluentActions.Invoking(() => buffer.Span.Length).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void A_buffer_is_read_from_its_end_and_as_a_stream()
    {
        using OwnedMemoryBuffer buffer = Get("content"u8);

        buffer.Tail(4).SequenceEqual("tent"u8).Should().BeTrue();
        buffer.Tail(100).SequenceEqual("content"u8).Should().BeTrue();
        using var stream = new StreamReader(buffer.OpenRead());
        stream.ReadToEnd().Should().Be("content");
    }

    [Fact]
    public void A_buffer_without_bytes_is_empty_and_its_address_is_freed_all_the_same()
    {
        _orthanc.Handler = (_, parameters) =>
        {
            *((CallRestApiParameters*)parameters)->AnswerBody = new NativeMemoryBuffer { Data = FakeOrthanc.Allocate("x"u8), Size = 0 };
            return OrthancErrorCode.Success;
        };

        _orthanc.Context.CallRestApi(OrthancHttpMethod.Get, "/x"u8, default, default, out var response).Should().Be(OrthancErrorCode.Success);

        var buffer = response!.Body;
        buffer.Span.IsEmpty.Should().BeTrue();
        FakeOrthanc.Outstanding.Should().Be(1);
        buffer.Dispose();
    }

    [Fact]
    public void A_text_is_read_and_freed_once()
    {
        _orthanc.Handler = (_, parameters) =>
        {
            *((DynamicStringParameters*)parameters)->Result = FakeOrthanc.Allocate("{\"Name\":\"Zürich\"}"u8);
            return OrthancErrorCode.Success;
        };

        _orthanc.Context.GetConfiguration(out string? json).Should().Be(OrthancErrorCode.Success);

        json.Should().Be("{\"Name\":\"Zürich\"}");
        FakeOrthanc.Outstanding.Should().Be(0);
    }

    [Fact]
    public void Results_of_a_failure_are_not_touched()
    {
        _orthanc.Handler = (service, parameters) =>
        {
            *((DynamicStringParameters*)parameters)->Result = (byte*)FakeOrthanc.Garbage;
            return OrthancErrorCode.NotEnoughMemory;
        };

        _orthanc.Context.GetConfiguration(out string? text).Should().Be(OrthancErrorCode.NotEnoughMemory);

        text.Should().BeNull();
    }

    [Fact]
    public void A_closed_context_calls_nothing_and_frees_nothing()
    {
        OwnedMemoryBuffer buffer = Get("content"u8);
        var calls = _orthanc.Calls;

        _orthanc.Context.Close(TimeSpan.FromSeconds(1)).Should().BeTrue();

        _orthanc.Context.GetConfiguration(out _).Should().Be(OrthancErrorCode.BadSequenceOfCalls);
        _orthanc.Calls.Should().Be(calls);
        buffer.Dispose();
        FakeOrthanc.Outstanding.Should().Be(1);
        FakeOrthanc.Forget(1);
        OutstandingMemory.Remove();
    }

    private OwnedMemoryBuffer Get(ReadOnlySpan<byte> content)
    {
        byte[] copy = content.ToArray();
        _orthanc.Handler = (_, parameters) =>
        {
            *((CallRestApiParameters*)parameters)->AnswerBody = FakeOrthanc.Buffer(copy);
            return OrthancErrorCode.Success;
        };
        _orthanc.Context.CallRestApi(OrthancHttpMethod.Get, "/x"u8, default, default, out var response).Should().Be(OrthancErrorCode.Success);
        return response!.Body;
    }
}

using FluentAssertions;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Memory;
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
    public void A_buffer_can_be_handed_on_as_memory()
    {
        using OwnedMemoryBuffer buffer = Get("content"u8);

        buffer.Memory.Span.SequenceEqual("content"u8).Should().BeTrue();
        buffer.Memory[3..].ToArray().Should().Equal("tent"u8.ToArray());
        using System.Buffers.MemoryHandle handle = buffer.Memory.Pin();
        (*(byte*)handle.Pointer).Should().Be((byte)'c');
    }

    [Fact]
    public void A_buffer_without_bytes_is_empty_and_its_address_is_freed_all_the_same()
    {
        _orthanc.Handler = (_, parameters) =>
        {
            *((RestApiGetParameters*)parameters)->Target = new NativeMemoryBuffer { Data = FakeOrthanc.Allocate("x"u8), Size = 0 };
            return OrthancErrorCode.Success;
        };

        _orthanc.Context.RestApiGet("/x"u8, afterPlugins: false, out OwnedMemoryBuffer? buffer).Should().Be(OrthancErrorCode.Success);

        buffer!.Span.IsEmpty.Should().BeTrue();
        FakeOrthanc.Outstanding.Should().Be(1);
        buffer.Dispose();
    }

    [Fact]
    public void A_size_without_an_address_is_an_error()
    {
        _orthanc.Handler = (_, parameters) =>
        {
            *((RestApiGetParameters*)parameters)->Target = new NativeMemoryBuffer { Size = 5 };
            return OrthancErrorCode.Success;
        };

        _orthanc.Context.RestApiGet("/x"u8, afterPlugins: false, out OwnedMemoryBuffer? buffer).Should().Be(OrthancErrorCode.NullPointer);

        buffer.Should().BeNull();
    }

    [Fact]
    public void A_text_is_read_and_freed_once()
    {
        _orthanc.Handler = (_, parameters) =>
        {
            *((DynamicStringParameters*)parameters)->Result = FakeOrthanc.Allocate("{\"Name\":\"Zürich\"}"u8);
            return OrthancErrorCode.Success;
        };

        _orthanc.Context.GetConfiguration(out OwnedString? json).Should().Be(OrthancErrorCode.Success);

        json!.ToString().Should().Be("{\"Name\":\"Zürich\"}");
        json.Dispose();
        json.Dispose();
        json.Span.IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void Results_of_a_failure_are_not_touched()
    {
        _orthanc.Handler = (service, parameters) =>
        {
            if (service == OrthancService.RestApiGet)
            {
                *((RestApiGetParameters*)parameters)->Target = new NativeMemoryBuffer { Data = (void*)FakeOrthanc.Garbage, Size = 5 };
            }
            else
            {
                *((DynamicStringParameters*)parameters)->Result = (byte*)FakeOrthanc.Garbage;
            }

            return OrthancErrorCode.NotEnoughMemory;
        };

        _orthanc.Context.RestApiGet("/x"u8, afterPlugins: false, out OwnedMemoryBuffer? buffer)
            .Should().Be(OrthancErrorCode.NotEnoughMemory);
        _orthanc.Context.GetConfiguration(out OwnedString? text).Should().Be(OrthancErrorCode.NotEnoughMemory);
        _orthanc.Context.ComputeMd5("x"u8, out OwnedString? digest).Should().Be(OrthancErrorCode.NotEnoughMemory);

        buffer.Should().BeNull();
        text.Should().BeNull();
        digest.Should().BeNull();
    }

    private OwnedMemoryBuffer Get(ReadOnlySpan<byte> content)
    {
        byte[] copy = content.ToArray();
        _orthanc.Handler = (_, parameters) =>
        {
            *((RestApiGetParameters*)parameters)->Target = FakeOrthanc.Buffer(copy);
            return OrthancErrorCode.Success;
        };
        _orthanc.Context.RestApiGet("/x"u8, afterPlugins: false, out OwnedMemoryBuffer? buffer).Should().Be(OrthancErrorCode.Success);
        return buffer!;
    }
}

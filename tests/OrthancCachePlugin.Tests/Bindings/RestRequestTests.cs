using System.Runtime.InteropServices;
using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using Xunit;

namespace OrthancCachePlugin.Tests.Bindings;

public unsafe class RestRequestTests
{
    [Fact]
    public void Missing_arrays_and_indices_out_of_range_are_empty()
    {
        var native = new NativeHttpRequest { Method = OrthancHttpMethod.Delete, GroupsCount = 3, GetCount = 7, HeadersCount = 9 };
        var request = new RestRequest(&native, null);

        request.Method.Should().Be(OrthancHttpMethod.Delete);
        (request.ArgumentCount + request.HeaderCount).Should().Be(0);
        request.Path.IsEmpty.Should().BeTrue();
        request.ArgumentKey(-1).IsEmpty.Should().BeTrue();
        request.ArgumentValue(int.MaxValue).IsEmpty.Should().BeTrue();
        request.HeaderKey(9).IsEmpty.Should().BeTrue();
        request.Body.IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void Path_and_headers_are_read_up_to_their_zero()
    {
        byte** names = stackalloc byte*[] { Static("accept\0"u8), Static("host\0"u8) };
        byte** values = stackalloc byte*[] { null, Static("example\0"u8) };
        var native = new NativeHttpRequest { HeadersCount = 2, HeadersKeys = names, HeadersValues = values };
        var request = new RestRequest(&native, Static("/instances\0/x"u8));

        Encoding.UTF8.GetString(request.Path).Should().Be("/instances");
        Encoding.UTF8.GetString(request.HeaderKey(1)).Should().Be("host");
        Encoding.UTF8.GetString(request.HeaderValue(1)).Should().Be("example");
        request.HeaderValue(0).IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void A_body_beyond_a_span_is_known_by_its_size_alone()
    {
        byte first = 1;
        var native = new NativeHttpRequest { Body = &first, BodySize = 3_000_000_000 };
        var request = new RestRequest(&native, null);

        request.BodySize.Should().Be(3_000_000_000);
        request.BodyFitsSpan.Should().BeFalse();
        request.Body.IsEmpty.Should().BeTrue();
    }

    /// <summary>The address of a literal, which does not move.</summary>
    private static byte* Static(ReadOnlySpan<byte> literal) =>
        (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));
}

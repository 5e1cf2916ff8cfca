using System.Text;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Origin;

public sealed class OriginTargetTests
{
    private static readonly IgnoredArguments Ignored = new(["token"]);

    [Theory]
    [InlineData("/studies/x/shared-tags", "/studies/x/shared-tags")]
    [InlineData("/studies/x/shared-tags?short", "/studies/x/shared-tags?short=")]
    [InlineData("/a?b=1&c=2&b=3", "/a?b=1&c=2&b=3")]
    [InlineData("/a?_=1676905200", "/a")]
    [InlineData("/a?token=secret&short", "/a?short=")]
    [InlineData("/a?short&token=secret&_=1", "/a?short=")]
    [InlineData("/a?Token=kept", "/a?Token=kept")]
    [InlineData("/a?b=%20&c=+", "/a?b=%20&c=+")]
    public void The_core_is_asked_without_what_does_not_belong_to_the_request(string target, string expected) =>
        Write(target, 1024).Should().Be(expected);

    [Fact]
    public void A_question_mark_in_the_path_cannot_be_said_to_the_origin() =>
        OriginTarget.Write(FakeExchange.OfPath("/instances/x?y/tags"), Ignored, new byte[1024]).Should().Be(-1);

    [Theory]
    [InlineData("/studies/x?short=abc")]
    [InlineData("/studies/x")]
    public void Too_small_a_buffer_is_no_target_and_a_just_large_enough_one_is(string target)
    {
        var length = Encoding.ASCII.GetByteCount(target) + 1;
        Write(target, length).Should().Be(target);
        for (var size = 0; size < length; size++)
        {
            Write(target, size).Should().BeNull();
        }
    }

    private static string? Write(string target, int size)
    {
        var buffer = new byte[size];
        var length = OriginTarget.Write(new FakeExchange(target), Ignored, buffer);
        if (length < 0)
        {
            return null;
        }

        buffer[length - 1].Should().Be(0);
        return Encoding.UTF8.GetString(buffer, 0, length - 1);
    }
}

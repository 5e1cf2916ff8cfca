using System.Text;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Tests.Http;

public sealed class HttpDateTests
{
    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", 784111777)]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT", 784111777)]
    [InlineData("Sun Nov  6 08:49:37 1994", 784111777)]
    [InlineData("Wed Nov 16 08:49:37 1994", 784975777)]
    [InlineData(" Mon, 20 Feb 2023 15:00:00 GMT ", 1676905200)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 0)]
    public void Reads_the_three_forms_of_the_standard(string text, long seconds)
    {
        HttpDate.TryParse(Encoding.ASCII.GetBytes(text), out var read).Should().BeTrue();
        read.Should().Be(seconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("Mon, 20 Feb 2023 15:00:00 CET")]
    [InlineData("Mon, 20 Feb 2023 25:00:00 GMT")]
    [InlineData("Tue, 20 Feb 2023 15:00:00 GMT")]
    [InlineData("Mon, 31 Feb 2023 15:00:00 GMT")]
    [InlineData("Mon, 20 Feb 2023 15:00:00 GMT; length=3")]
    [InlineData("2023-02-20T15:00:00Z, and what follows")]
    [InlineData("1676905200 1676905200 1676905200")]
    public void Whatever_else_is_no_date(string text) =>
        HttpDate.TryParse(Encoding.Latin1.GetBytes(text), out _).Should().BeFalse();

    [Theory]
    [InlineData(1676905200, "Mon, 20 Feb 2023 15:00:00 GMT")]
    [InlineData(0, "Thu, 01 Jan 1970 00:00:00 GMT")]
    public void Writes_what_it_reads(long seconds, string text)
    {
        var bytes = new byte[HttpDate.Length];
        HttpDate.Format(seconds, bytes);
        Encoding.ASCII.GetString(bytes).Should().Be(text);
        HttpDate.TryParse(bytes, out var read).Should().BeTrue();
        read.Should().Be(seconds);
    }
}

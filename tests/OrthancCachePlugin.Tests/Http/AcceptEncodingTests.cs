using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using Xunit;

namespace OrthancCachePlugin.Tests.Http;

public sealed class AcceptEncodingTests
{
    [Theory]
    [InlineData("", ContentCoding.Identity)]
    [InlineData("gzip", ContentCoding.Gzip)]
    [InlineData("x-gzip", ContentCoding.Gzip)]
    [InlineData("GZip", ContentCoding.Gzip)]
    [InlineData("zstd", ContentCoding.Zstd)]
    [InlineData("gzip, deflate, br, zstd", ContentCoding.Zstd)]
    [InlineData("gzip, zstd;q=0.9", ContentCoding.Gzip)]
    [InlineData("gzip;q=0.8, zstd;q=0.9", ContentCoding.Zstd)]
    [InlineData("gzip; q=0.8 , zstd; q=0.7", ContentCoding.Gzip)]
    [InlineData("gzip;q=0", ContentCoding.Identity)]
    [InlineData("zstd;q=0, gzip;q=0.001", ContentCoding.Gzip)]
    [InlineData("identity;q=0, gzip;q=0.001", ContentCoding.Gzip)]
    [InlineData("identity;q=0.5, gzip;q=0.4", ContentCoding.Identity)]
    [InlineData("identity, gzip", ContentCoding.Gzip)]
    [InlineData("br", ContentCoding.Identity)]
    [InlineData("gzip;q=2", ContentCoding.Identity)]
    [InlineData("gzip;q=x", ContentCoding.Identity)]
    [InlineData(",,gzip,", ContentCoding.Gzip)]
    [InlineData("*;q=0", ContentCoding.Identity)]
    [InlineData("*;q=0, zstd", ContentCoding.Zstd)]
    [InlineData("gzip;a=b;q=0", ContentCoding.Identity)]
    [InlineData("gzip;a=b", ContentCoding.Gzip)]
    [InlineData("gzip;\tq=0", ContentCoding.Identity)]
    [InlineData("ZSTD;Q=1", ContentCoding.Zstd)]
    [InlineData("zstd;q=0.57, gzip;q=0.569", ContentCoding.Zstd)]
    public void The_preferred_coding_is_the_one_with_the_greatest_weight(string fieldValue, ContentCoding expected) =>
        AcceptEncoding.Parse(Encoding.ASCII.GetBytes(fieldValue)).Preferred.Should().Be(expected);

    [Theory]
    [InlineData("*", ContentCoding.Gzip)]
    [InlineData("gzip;q=0, *", ContentCoding.Zstd)]
    [InlineData("*, zstd", ContentCoding.Zstd)]
    public void Regression_a_client_that_takes_anything_is_not_sent_zstd_unless_it_refuses_gzip(string fieldValue, ContentCoding expected) =>
        AcceptEncoding.Parse(Encoding.ASCII.GetBytes(fieldValue)).Preferred.Should().Be(expected);
}

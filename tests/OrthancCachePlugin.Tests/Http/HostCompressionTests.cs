using System.Text;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Tests.Http;

public sealed class HostCompressionTests
{
    [Theory]
    [InlineData(true, "gzip", ContentCoding.Gzip)]
    [InlineData(true, "deflate", ContentCoding.Deflate)]
    [InlineData(true, "deflate, gzip", ContentCoding.Gzip)]
    [InlineData(true, "gzip, deflate, br, zstd", ContentCoding.Gzip)]
    [InlineData(true, "br, deflate", ContentCoding.Deflate)]
    [InlineData(true, "br", ContentCoding.Identity)]
    [InlineData(true, "", ContentCoding.Identity)]
    [InlineData(true, "gzip;q=0", ContentCoding.Identity)]
    [InlineData(true, "gzip;q=0.5, deflate", ContentCoding.Deflate)]
    [InlineData(true, "GZIP", ContentCoding.Identity)]
    [InlineData(true, "*", ContentCoding.Identity)]
    [InlineData(true, ",,gzip", ContentCoding.Gzip)]
    [InlineData(true, "\tgzip\t", ContentCoding.Gzip)]
    [InlineData(false, "gzip", ContentCoding.Identity)]
    public void Says_what_the_host_will_do(bool isEnabled, string accepts, ContentCoding coding) =>
        HostCompression.CodingFor(isEnabled, Encoding.ASCII.GetBytes(accepts)).Should().Be(coding);
}

using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Serving;

public sealed class StoredResponseTests
{
    [Theory]
    [InlineData("plain", ContentCoding.Identity, "{\"a\":1}", "application/json", "", "", 1234, 1676905200)]
    [InlineData("headers", ContentCoding.Identity, "\u0001\u0002", "image/png", "filename=\"x.png\"", "gzip", 4294967295, 0)]
    [InlineData("gzip", ContentCoding.Gzip, "a member", "application/json", "", "", 7, 1676905200)]
    [InlineData("zstd", ContentCoding.Zstd, "a frame", "application/json; charset=utf-8", "", "", 0, 253402300799)]
    [InlineData("empty", ContentCoding.Identity, "", "", "", "", 0, 1)]
    public void Reads_what_version_1_wrote(
        string name, ContentCoding coding, string body, string type, string disposition, string encoding, long cost, long lastModified)
    {
        var golden = Golden($"v1-{name}.hex");
        Convert.ToHexString(Write(body, type, disposition, encoding, cost, lastModified, coding)).ToLowerInvariant().Should().Be(golden);

        StoredResponse.TryRead(Convert.FromHexString(golden), out var read).Should().BeTrue();
        read.Coding.Should().Be(coding);
        read.DecodedSize.Should().Be(Encoding.UTF8.GetByteCount(body));
        read.CostMicroseconds.Should().Be((uint)cost);
        read.LastModified.Should().Be(lastModified);
        Encoding.UTF8.GetString(read.ContentType).Should().Be(type + "\0");
        Encoding.UTF8.GetString(read.ContentDisposition).Should().Be(disposition + "\0");
        Encoding.UTF8.GetString(read.ContentEncoding).Should().Be(encoding + "\0");
        Encoding.UTF8.GetString(read.Body).Should().Be(body);
    }

    [Fact]
    public void Whatever_is_cut_off_or_changed_never_throws_and_never_reads_beyond_the_end()
    {
        var good = Write("{\"a\":1}", "application/json", "filename=x", "", 5, 1676905200, ContentCoding.Identity);
        for (var length = 0; length < good.Length; length++)
        {
            StoredResponse.TryRead(good.AsSpan(0, length), out _).Should().BeFalse("of {0} bytes", length);
        }

        var mutations = Gen.Choose(0, good.Length - 1).Zip(Gen.Choose(0, 255)).ListOf().Where(l => l.Count < 5).ToArbitrary();
        Properties.Hold(Prop.ForAll(mutations, changes =>
        {
            var bad = good.ToArray();
            foreach (var (position, value) in changes)
            {
                bad[position] = (byte)value;
            }

            if (StoredResponse.TryRead(bad, out var read))
            {
                (read.ContentType.Length + read.ContentDisposition.Length + read.ContentEncoding.Length + read.Body.Length)
                    .Should().Be(bad.Length - 24);
                new ResponseHeaders(7, "", isPrivate: false).Add(
                    new FakeExchange("/x"), read.LastModified, new Validators { HasTag = true, HasLastModified = true, LastModified = read.LastModified }, new CacheOutcome(CacheResult.Hit));
            }
        }), 2000);
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void A_header_that_does_not_fit_is_not_stored(int length, bool fits)
    {
        var text = Encoding.ASCII.GetBytes(new string('x', length));
        StoredResponse.CanHold(new FakeResponse("") { Type = text }).Should().Be(fits);
        StoredResponse.CanHold(new FakeResponse("") { Disposition = text }).Should().Be(fits);
        StoredResponse.CanHold(new FakeResponse("") { CoreEncoding = text }).Should().Be(fits);
    }

    internal static byte[] Write(
        string body, string type, string disposition, string encoding, long cost, long lastModified, ContentCoding coding)
    {
        var response = new FakeResponse(body, contentType: type)
        {
            Disposition = Encoding.UTF8.GetBytes(disposition),
            CoreEncoding = Encoding.UTF8.GetBytes(encoding),
            CostMicroseconds = cost,
        };
        var value = new ArrayBufferWriter<byte>();
        StoredResponse.WriteHead(response, lastModified, coding, value);
        value.Write(response.Body);
        return value.WrittenSpan.ToArray();
    }

    /// <summary>Files that no later version may fail to read. Never changed; a new format gets new files.</summary>
    private static string Golden(string file) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Serving", "Golden", file)).ReplaceLineEndings("").Trim();
}

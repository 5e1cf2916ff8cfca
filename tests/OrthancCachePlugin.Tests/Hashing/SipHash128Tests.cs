using OrthancCachePlugin.Core.Hashing;

namespace OrthancCachePlugin.Tests.Hashing;

public sealed class SipHash128Tests
{
    /// <summary>Reference outputs under the key 00 01 … 0f of the inputs that are the first n of the bytes 00, 01, 02, …</summary>
    [Theory]
    [InlineData(0, "a3817f04ba25a8e66df67214c7550293")]
    [InlineData(1, "da87c1d86b99af44347659119b22fc45")]
    [InlineData(2, "8177228da4a45dc7fca38bdef60affe4")]
    [InlineData(3, "9c70b60c5267a94e5f33b6b02985ed51")]
    [InlineData(4, "f88164c12d9c8faf7d0f6e7c7bcd5579")]
    [InlineData(5, "1368875980776f8854527a07690e9627")]
    [InlineData(6, "14eeca338b208613485ea0308fd7a15e")]
    [InlineData(7, "a1f1ebbed8dbc153c0b84aa61ff08239")]
    [InlineData(8, "3b62a9ba6258f5610f83e264f31497b4")]
    [InlineData(15, "5493e99933b0a8117e08ec0f97cfc3d9")]
    public void Gives_the_reference_vectors(int length, string expected)
    {
        Span<byte> hex = stackalloc byte[2 * Digest128.Size];
        Digest128.Of([.. Enumerable.Range(0, length).Select(i => (byte)i)]).FormatHex(hex);
        System.Text.Encoding.ASCII.GetString(hex).Should().Be(expected);
    }

    [Fact]
    public void Differs_for_each_length_and_each_byte()
    {
        var digests = new HashSet<Digest128>();
        for (var length = 0; length < 64; length++)
        {
            digests.Add(Digest128.Of(new byte[length])).Should().BeTrue();
            for (var i = 0; i < length; i++)
            {
                var bytes = new byte[length];
                bytes[i] = 1;
                digests.Add(Digest128.Of(bytes)).Should().BeTrue();
            }
        }
    }
}

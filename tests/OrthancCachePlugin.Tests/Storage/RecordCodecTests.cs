using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class RecordCodecTests
{
    private static readonly byte[] Key = [1, 2, 3];

    [Fact]
    public void No_changed_bit_passes()
    {
        var record = Record([9, 8, 7, 6]);
        for (var bit = 0; bit < record.Length * 8; bit++)
        {
            record[bit / 8] ^= (byte)(1 << (bit % 8));
            Passes(record, Key).Should().BeFalse($"bit {bit} was changed");
            record[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Passes(record, Key).Should().BeTrue();
    }

    [Fact]
    public void Another_key_of_the_same_length_does_not_pass() => Passes(Record([9, 8]), [1, 2, 4]).Should().BeFalse();

    [Fact]
    public void A_record_that_was_cut_or_extended_does_not_pass()
    {
        var record = Record([9, 8, 7, 6]);
        for (var length = 0; length < record.Length; length++)
        {
            Passes(record[..length], Key).Should().BeFalse();
        }

        Passes([.. record, 0], Key).Should().BeFalse();
    }

    private static byte[] Record(byte[] payload)
    {
        var record = (byte[])[.. new byte[RecordCodec.HeaderSize], .. payload];
        RecordCodec.WriteHeader(record, Key, 1_676_905_200_000);
        return record;
    }

    private static bool Passes(byte[] record, byte[] key) =>
        RecordCodec.TryReadHeader(record, key.Length, out var header) && RecordCodec.Verify(header, key, record.AsSpan(RecordCodec.HeaderSize));
}

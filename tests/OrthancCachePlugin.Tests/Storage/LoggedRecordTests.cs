using System.Buffers.Binary;
using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class LoggedRecordTests
{
    internal static readonly byte[] Key = [1, 2, 3, 4, 5];
    private static readonly byte[] Payload = [10, 11, 12, 13, 14, 15, 16];

    [Fact]
    public void A_record_is_read_as_the_log_wrote_it()
    {
        var record = Record();

        LoggedRecord.TryRead(record, Key, out var header, out var at).Should().BeTrue();

        record[at..(at + header.PayloadSize)].Should().Equal(Payload);
        header.CreatedAt.Should().Be(1234);
    }

    [Fact]
    public void No_bit_of_key_or_value_may_differ()
    {
        var record = Record();
        var end = 8 + 16 + 4 + RecordCodec.HeaderSize + Payload.Length;
        for (var bit = 8 * 8; bit < end * 8; bit++)
        {
            if (bit / 8 is >= 17 and < 24)
            {
                continue; // the padding behind the key
            }

            record[bit / 8] ^= (byte)(1 << (bit % 8));

            LoggedRecord.TryRead(record, Key, out _, out _).Should().BeFalse($"bit {bit % 8} of byte {bit / 8}");

            record[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_record_of_another_key_or_one_that_is_cut_is_none()
    {
        var record = Record();

        LoggedRecord.TryRead(record, [1, 2, 3, 4, 6], out _, out _).Should().BeFalse();
        LoggedRecord.TryRead(record, [1, 2, 3, 4], out _, out _).Should().BeFalse();
        for (var size = 0; size < record.Length - 8; size++)
        {
            LoggedRecord.TryRead(record.AsSpan(0, size), Key, out _, out _).Should().BeFalse($"{size} bytes");
        }
    }

    internal static byte[] Record(byte[]? payload = null)
    {
        payload ??= Payload;
        var value = new byte[RecordCodec.HeaderSize + payload.Length];
        payload.CopyTo(value, RecordCodec.HeaderSize);
        RecordCodec.WriteHeader(value, Key, 1234);
        var record = new byte[LogGeometry.RecordSize(Key.Length, value.Length)];
        record[0] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(8), Key.Length);
        Key.CopyTo(record, 12);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(24), value.Length);
        value.CopyTo(record, 28);
        return record;
    }
}

using System.Buffers.Binary;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>One change to the files of a store, chosen by a random number generator.</summary>
internal sealed class Mutator(string directory, string earlier, Random random)
{
    private Func<StoreOptions, StoreOptions> settings = static options => options;

    /// <summary>Whether entries may be missing without a word: the files were changed as an eviction would.</summary>
    public bool IsHarmless { get; private set; }

    /// <summary>The options to open it with.</summary>
    public StoreOptions Options(StoreOptions options) => settings(options);

    /// <summary>Changes something and tells what.</summary>
    public string Apply()
    {
        var file = PickFile();
        var kind = Path.GetExtension(file).TrimStart('.');
        switch (random.Next(18))
        {
            case 0:
                Edit(file, bytes => bytes[..random.Next(bytes.Length + 1)]);
                return $"{kind}: truncated";
            case 1:
                Edit(file, bytes => Fill(bytes, random.Next(1, bytes.Length + 1), 0));
                return $"{kind}: partly zeroed";
            case 2:
                Edit(file, bytes => new byte[bytes.Length]);
                return $"{kind}: zeroed";
            case 3:
                Edit(file, bytes => Flip(bytes, 1));
                return $"{kind}: one bit flipped";
            case 4:
                Edit(file, bytes => Flip(bytes, 300));
                return $"{kind}: 300 bits flipped";
            case 5:
                Edit(file, bytes => Garbage(bytes, 8));
                return $"{kind}: 8 bytes of garbage";
            case 6:
                Edit(file, bytes => Garbage(bytes, bytes.Length));
                return $"{kind}: all garbage";
            case 7:
                Edit(file, bytes => [.. bytes, .. Garbage(new byte[random.Next(1, 100_000)], 100_000)]);
                return $"{kind}: garbage appended";
            case 8:
                File.Delete(file);
                IsHarmless = kind is "log" or "crc";
                return $"{kind}: deleted";
            case 9:
                Swap(file, PickFile());
                return $"{kind}: swapped with another";
            case 10:
                File.WriteAllBytes(file, File.ReadAllBytes(PickFile()));
                return $"{kind}: replaced by another";
            case 11:
                Edit(file, SwapBlocks);
                return $"{kind}: two blocks swapped";
            case 12:
                SwapSegments();
                return "two segments swapped with their checksums";
            case 13:
                Rewind(file);
                IsHarmless = true;
                return $"{kind}: an earlier state of the file";
            case 14:
                foreach (var path in Directory.EnumerateFiles(directory).Where(_ => random.Next(2) == 0).ToList())
                {
                    Rewind(path);
                }

                IsHarmless = true;
                return "half of the files: earlier states";
            case 15:
                Forge();
                IsHarmless = true; // a record that got another key is whole, and nobody asks for it
                return "a record forged, with the right checksums of its block";
            case 16:
                return ChangeSettings();
            default:
                File.WriteAllText(Path.Combine(directory, "recovering"), "");
                return "a recovery that did not end";
        }
    }

    private string ChangeSettings()
    {
        switch (random.Next(5))
        {
            case 0:
                settings = static options => options with { PageBits = 17 };
                return "settings: other page size";
            case 1:
                settings = static options => options with { SegmentBits = 20 };
                return "settings: other segment size";
            case 2:
                settings = static options => options with { MaximumBytes = 5 << 20 };
                return "settings: lower cap";
            case 3:
                settings = static options => options with { MemoryBytes = 4 << 20 };
                return "settings: more memory";
            default:
                Edit(Path.Combine(directory, "checkpoint.bin"), bytes =>
                {
                    bytes[4]++;
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4), Checksum.Of(bytes.AsSpan(0, bytes.Length - 4)));
                    return bytes;
                });
                return "settings: a later version of the format";
        }
    }

    /// <summary>Changes 8 bytes somewhere in the log and makes the checksums fit: what a disk cannot do, but a later bug of ours could.</summary>
    private void Forge()
    {
        const int block = LogGeometry.BlockSize;
        var storeId = BinaryPrimitives.ReadUInt64LittleEndian(File.ReadAllBytes(Path.Combine(directory, "checkpoint.bin")).AsSpan(16));
        var segments = new StoreFiles(directory);
        var number = segments.ListSegments()[random.Next(segments.ListSegments().Count)];
        var index = 0;
        Edit(segments.Segment(number), bytes =>
        {
            index = random.Next(bytes.Length / block);
            var at = (index * block) + (random.Next(block / 8) * 8);
            var value = random.Next(4) switch
            {
                0 => random.NextInt64(),
                1 => random.Next(),
                2 => -1,
                _ => 1L << 30,
            };
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
            var address = (number << 18) + (index * block);
            var sum = BlockSums.Sum(storeId, address, bytes.AsSpan(index * block, block));
            Edit(segments.Sidecar(number), slots =>
            {
                BinaryPrimitives.WriteUInt32LittleEndian(slots.AsSpan((index * 8) + 4), sum);
                return slots;
            });
            return bytes;
        });
    }

    private void SwapSegments()
    {
        var files = new StoreFiles(directory);
        var segments = files.ListSegments();
        var (a, b) = (segments[random.Next(segments.Count)], segments[random.Next(segments.Count)]);
        Swap(files.Segment(a), files.Segment(b));
        Swap(files.Sidecar(a), files.Sidecar(b));
    }

    private void Rewind(string file)
    {
        var old = Path.Combine(earlier, Path.GetFileName(file));
        if (File.Exists(old))
        {
            File.Copy(old, file, overwrite: true);
        }
    }

    private byte[] SwapBlocks(byte[] bytes)
    {
        const int block = LogGeometry.BlockSize;
        var count = bytes.Length / block;
        if (count < 2)
        {
            return Flip(bytes, 1);
        }

        var (a, b) = (random.Next(count) * block, random.Next(count) * block);
        var copy = bytes.AsSpan(a, block).ToArray();
        bytes.AsSpan(b, block).CopyTo(bytes.AsSpan(a));
        copy.CopyTo(bytes.AsSpan(b));
        return bytes;
    }

    private byte[] Flip(byte[] bytes, int count)
    {
        for (var i = 0; i < count && bytes.Length != 0; i++)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return bytes;
    }

    private byte[] Garbage(byte[] bytes, int count)
    {
        count = Math.Min(count, bytes.Length);
        random.NextBytes(bytes.AsSpan(random.Next(bytes.Length - count + 1), count));
        return bytes;
    }

    private byte[] Fill(byte[] bytes, int count, byte value)
    {
        count = Math.Min(count, bytes.Length);
        bytes.AsSpan(random.Next(bytes.Length - count + 1), count).Fill(value);
        return bytes;
    }

    private string PickFile()
    {
        var files = Directory.EnumerateFiles(directory).Where(static path => Path.GetExtension(path).Length != 0).Order(StringComparer.Ordinal).ToList();
        var checkpoint = Path.Combine(directory, "checkpoint.bin");
        return random.Next(5) == 0 && File.Exists(checkpoint) ? checkpoint : files[random.Next(files.Count)];
    }

    private static void Swap(string a, string b)
    {
        var bytes = File.ReadAllBytes(a);
        File.WriteAllBytes(a, File.ReadAllBytes(b));
        File.WriteAllBytes(b, bytes);
    }

    private static void Edit(string file, Func<byte[], byte[]> change) => File.WriteAllBytes(file, change(File.ReadAllBytes(file)));
}

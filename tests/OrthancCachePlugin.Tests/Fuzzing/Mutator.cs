namespace OrthancCachePlugin.Tests.Fuzzing;

/// <summary>Makes inputs that are nearly right: of valid ones, and of pieces that mean something where they stand.</summary>
internal sealed class Mutator(int seed, byte[][] valid, byte[][] pieces)
{
    private const int MaximumSize = 1 << 16;
    private static readonly byte[] Odd = [0, 1, 9, 10, 13, 32, 34, 37, 38, 42, 44, 45, 47, 48, 57, 58, 59, 61, 63, 92, 127, 128, 192, 255];
    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var bytes = new List<byte>(valid[_random.Next(valid.Length)]);
        for (var count = 1 << _random.Next(4); count > 0; count--)
        {
            Change(bytes);
        }

        return [.. bytes.Take(MaximumSize)];
    }

    private void Change(List<byte> bytes)
    {
        var at = _random.Next(bytes.Count + 1);
        var length = Math.Min(1 << _random.Next(8), bytes.Count - at);
        switch (_random.Next(8))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = Odd[_random.Next(Odd.Length)];
                break;
            case 2:
                bytes.Insert(at, (byte)_random.Next(256));
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                bytes.InsertRange(_random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 6:
                var other = valid[_random.Next(valid.Length)];
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other[_random.Next(other.Length + 1)..]);
                break;
            default:
                bytes.InsertRange(at, pieces[_random.Next(pieces.Length)]);
                break;
        }
    }
}

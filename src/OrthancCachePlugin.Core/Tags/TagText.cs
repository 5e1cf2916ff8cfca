using System.Buffers;
using System.Text.Json;

namespace OrthancCachePlugin.Core.Tags;

/// <summary>The three ways in which the origin writes tags.</summary>
#pragma warning disable CA1720 // the origin's own word
public enum TagFormat
{
    /// <summary>Each tag with name, type and value.</summary>
    Full,

    /// <summary>Tag and value.</summary>
    Short,

    /// <summary>Name and value.</summary>
    Simplified,
}
#pragma warning restore CA1720

/// <summary>
/// The tags of one instance as <c>/instances/{id}/tags</c> writes them, taken apart, to be written again in another format, byte for byte as
/// the origin would. Whatever deviates from what JsonCpp's styled writer makes of Orthanc's tags is refused. Kept and filled again, as its
/// arrays grow to the size of the largest text. Used by one thread.
/// </summary>
/// <remarks>Checked against 25,758 responses of Orthanc 1.10.1, 1.12.7 and 1.13.0.</remarks>
internal sealed class TagText
{
    /// <summary>Of indentation, of which each sequence takes three: the threads of Orthanc's HTTP server have 100 KiB of stack.</summary>
    private const int MaximumDepth = 3 * 32;
    private const int KeyLength = 9;
    private const int None = -1;
    private static readonly SearchValues<byte> HexadecimalDigits = SearchValues.Create("0123456789abcdef"u8);

    private Node[] _nodes = new Node[256];
    private int _count;
    private int[] _order = [];
    private byte[] _unescaped = [];

    private enum Kind : byte
    {
        Item,
        Text,
        Empty, // null in the short formats
        Sequence,
    }

    /// <summary>Whether a name holds a character that stands for what is no UTF-8: such names are told apart by the origin alone.</summary>
    public bool HasOddName { get; private set; }

    /// <summary>Takes a text apart. False where it is not written exactly as expected.</summary>
    public bool TryParse(ReadOnlySpan<byte> text)
    {
        _count = 0;
        HasOddName = false;
        var parser = new Parser(this, text);
        return parser.TryDataset(depth: 0, out _) && parser.IsAtEnd && _nodes[0].Child != None;
    }

    /// <summary>Writes the tags in a format, at a depth: 0 alone, 1 as a member of an object.</summary>
    /// <returns>The number of bytes, at most those of <see cref="MaximumSize"/>.</returns>
    public int Write(ReadOnlySpan<byte> text, TagFormat format, int depth, Span<byte> destination)
    {
        if (format == TagFormat.Full)
        {
            return Indent(text, depth, destination);
        }

        var writer = new Writer(this, text, destination, format == TagFormat.Simplified);
        writer.Dataset(0, depth);
        return writer.Position;
    }

    /// <summary>Bytes that any format of a text may take at a depth.</summary>
    public static long MaximumSize(ReadOnlySpan<byte> text, int depth) => text.Length + ((long)depth * 3 * text.Count((byte)'\n'));

    /// <summary>The tags at the top that have a text, in the order of their numbers.</summary>
    public void ListTexts(List<TopTag> tags)
    {
        tags.Clear();
        for (var i = _nodes[0].Child; i != None; i = _nodes[i].Next)
        {
            var node = _nodes[i];
            if (node.Kind == Kind.Text)
            {
                tags.Add(new TopTag(
                    (node.Key - 1)..node.End,
                    node.Key..(node.Key + KeyLength),
                    node.Name..(node.Name + node.NameLength),
                    node.Creator..(node.Creator + node.CreatorLength),
                    node.Value..(node.Value + node.ValueLength)));
            }
        }
    }

    private static int Indent(ReadOnlySpan<byte> text, int depth, Span<byte> destination)
    {
        var position = 0;
        while (depth > 0 && text.IndexOf((byte)'\n') is >= 0 and var line)
        {
            text[..(line + 1)].CopyTo(destination[position..]);
            position += line + 1;
            destination.Slice(position, 3 * depth).Fill((byte)' ');
            position += 3 * depth;
            text = text[(line + 1)..];
        }

        text.CopyTo(destination[position..]);
        return position + text.Length;
    }

    private int Add(Kind kind)
    {
        if (_count == _nodes.Length)
        {
            Array.Resize(ref _nodes, _nodes.Length * 2);
        }

        _nodes[_count] = new Node { Kind = kind, Next = None, Child = None };
        return _count++;
    }

    /// <summary>One item of a sequence, the first one being the instance itself, or one tag. Places are bytes of the text, without quotes but for values.</summary>
    private struct Node
    {
        public Kind Kind;
        public int Next;
        public int Child;
        public int Key;
        public int Name;
        public int NameLength;
        public int Creator;
        public int CreatorLength;
        public int Value;
        public int ValueLength;
        public int End;
    }

    private ref struct Parser(TagText owner, ReadOnlySpan<byte> text)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private int _position;

        public readonly bool IsAtEnd => _position == _text.Length;

        public bool TryDataset(int depth, out int item)
        {
            item = owner.Add(Kind.Item);
            if (depth > MaximumDepth || !Take((byte)'{'))
            {
                return false;
            }

            if (Take((byte)'}'))
            {
                return true;
            }

            ReadOnlySpan<byte> last = default;
            var previous = None;
            do
            {
                if (!TakeLine(depth + 1) || !TryEntry(depth + 1, out var entry))
                {
                    return false;
                }

                var key = _text.Slice(owner._nodes[entry].Key, KeyLength);
                if (key.SequenceCompareTo(last) <= 0)
                {
                    return false;
                }

                last = key;
                (previous == None ? ref owner._nodes[item].Child : ref owner._nodes[previous].Next) = entry;
                previous = entry;
            }
            while (Take((byte)','));

            return TakeLine(depth) && Take((byte)'}');
        }

        private bool TryEntry(int depth, out int entry)
        {
            entry = owner.Add(Kind.Empty);
            if (!TryString(out var key, out var keyLength) || keyLength != KeyLength || !IsTag(_text.Slice(key, KeyLength))
                || !Take(" : "u8) || !TakeLine(depth) || !Take((byte)'{')
                || !TakeLine(depth + 1) || !Take("\"Name\" : "u8) || !TryString(out var name, out var nameLength) || !Take((byte)',')
                || !TakeLine(depth + 1))
            {
                return false;
            }

            var creator = 0;
            var creatorLength = 0;
            if (Take("\"PrivateCreator\" : "u8)
                && (!TryString(out creator, out creatorLength) || !Take((byte)',') || !TakeLine(depth + 1)))
            {
                return false;
            }

            if (!Take("\"Type\" : "u8) || !TryString(out var type, out var typeLength) || !Take((byte)',') || !TakeLine(depth + 1) || !Take("\"Value\" : "u8))
            {
                return false;
            }

            owner.HasOddName |= HasReplacement(_text.Slice(name, nameLength));
            var isRead = TryValue(_text.Slice(type, typeLength), depth, entry, out var kind, out var value, out var valueLength);
            ref var node = ref owner._nodes[entry];
            node.Kind = kind;
            (node.Key, node.Name, node.NameLength, node.Creator, node.CreatorLength) = (key, name, nameLength, creator, creatorLength);
            (node.Value, node.ValueLength) = (value, valueLength);
            isRead = isRead && TakeLine(depth) && Take((byte)'}');
            node.End = _position;
            return isRead;
        }

        private bool TryValue(ReadOnlySpan<byte> type, int depth, int entry, out Kind kind, out int value, out int length)
        {
            (kind, value, length) = (Kind.Empty, 0, 0);
            if (type.SequenceEqual("Sequence"u8))
            {
                kind = Kind.Sequence;
                return Take("[]"u8) || TryItems(depth, entry);
            }

            if (type.SequenceEqual("String"u8))
            {
                kind = Kind.Text;
                var isText = TryString(out value, out length);
                (value, length) = (value - 1, length + 2);
                return isText;
            }

            return (type.SequenceEqual("Null"u8) || type.SequenceEqual("Binary"u8) || type.SequenceEqual("TooLong"u8))
                && (Take("null"u8) || TryString(out _, out _));
        }

        private bool TryItems(int depth, int entry)
        {
            if (!TakeLine(depth + 1) || !Take((byte)'['))
            {
                return false;
            }

            var previous = None;
            do
            {
                if (!TakeLine(depth + 2) || !TryDataset(depth + 2, out var item))
                {
                    return false;
                }

                (previous == None ? ref owner._nodes[entry].Child : ref owner._nodes[previous].Next) = item;
                previous = item;
            }
            while (Take((byte)','));

            return TakeLine(depth + 1) && Take((byte)']');
        }

        private static bool IsTag(ReadOnlySpan<byte> key) =>
            key[4] == (byte)',' && !key[..4].ContainsAnyExcept(HexadecimalDigits) && !key[5..].ContainsAnyExcept(HexadecimalDigits);

        private bool Take(byte expected)
        {
            var isThere = _position < _text.Length && _text[_position] == expected;
            _position += isThere ? 1 : 0;
            return isThere;
        }

        private bool Take(ReadOnlySpan<byte> expected)
        {
            var isThere = _text[_position..].StartsWith(expected);
            _position += isThere ? expected.Length : 0;
            return isThere;
        }

        /// <summary>A new line and exactly its indentation.</summary>
        private bool TakeLine(int depth)
        {
            var end = _position + 1 + (3 * depth);
            if (end >= _text.Length || _text[_position] != (byte)'\n' || _text[(_position + 1)..end].IndexOfAnyExcept((byte)' ') >= 0 || _text[end] == (byte)' ')
            {
                return false;
            }

            _position = end;
            return true;
        }

        /// <summary>A text, of which the place between the quotes is told.</summary>
        private bool TryString(out int start, out int length)
        {
            start = _position + 1;
            length = 0;
            if (!Take((byte)'"'))
            {
                return false;
            }

            while (true)
            {
                var rest = _text[_position..];
                var next = rest.IndexOfAny((byte)'"', (byte)'\\');
                if (next < 0 || rest[..next].IndexOfAnyInRange((byte)0, (byte)0x1f) >= 0)
                {
                    return false;
                }

                _position += next + 1;
                if (rest[next] == (byte)'"')
                {
                    length = _position - 1 - start;
                    return true;
                }

                if (_position == _text.Length || !"\"\\/bfnrtu"u8.Contains(_text[_position]))
                {
                    return false;
                }

                _position++;
            }
        }
    }

    /// <summary>Whether a text holds U+FFFD, as it is or escaped.</summary>
    internal static bool HasReplacement(ReadOnlySpan<byte> text) =>
        text.IndexOf("\uFFFD"u8) >= 0 || text.IndexOf("\\ufffd"u8) >= 0 || text.IndexOf("\\uFFFD"u8) >= 0;

    private ref struct Writer(TagText owner, ReadOnlySpan<byte> text, Span<byte> destination, bool isSimplified)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private readonly Span<byte> _destination = destination;
        private int _orders;

        public int Position { get; private set; }

        public void Dataset(int item, int depth)
        {
            var first = owner._nodes[item].Child;
            if (first == None)
            {
                Put("{}"u8);
                return;
            }

            Put("{\n"u8);
            if (isSimplified)
            {
                ByName(first, depth);
            }
            else
            {
                for (var entry = first; entry != None; entry = owner._nodes[entry].Next)
                {
                    Entry(entry, depth + 1, isLast: owner._nodes[entry].Next == None);
                }
            }

            Put((byte)'\n');
            Blanks(depth);
            Put((byte)'}');
        }

        /// <summary>In the order of the names; of equal names the one with the highest tag.</summary>
        private void ByName(int first, int depth)
        {
            var start = _orders;
            for (var entry = first; entry != None; entry = owner._nodes[entry].Next)
            {
                if (_orders == owner._order.Length)
                {
                    Array.Resize(ref owner._order, Math.Max(128, 2 * _orders));
                }

                owner._order[_orders++] = entry;
            }

            var count = owner.Sort(_text, start, _orders - start);
            _orders = start + count;
            for (var i = 0; i < count; i++)
            {
                Entry(owner._order[start + i], depth + 1, isLast: i == count - 1);
            }

            _orders = start;
        }

        private void Entry(int entry, int depth, bool isLast)
        {
            var node = owner._nodes[entry];
            Blanks(depth);
            Put((byte)'"');
            Put(isSimplified ? _text.Slice(node.Name, node.NameLength) : _text.Slice(node.Key, KeyLength));
            Put("\" : "u8);
            switch (node.Kind)
            {
                case Kind.Text:
                    Put(_text.Slice(node.Value, node.ValueLength));
                    break;
                case Kind.Empty:
                    Put("null"u8);
                    break;
                default:
                    Items(node.Child, depth);
                    break;
            }

            if (!isLast)
            {
                Put(",\n"u8);
            }
        }

        private void Items(int first, int depth)
        {
            if (first == None)
            {
                Put("[]"u8);
                return;
            }

            Put((byte)'\n');
            Blanks(depth);
            Put("[\n"u8);
            for (var item = first; item != None; item = owner._nodes[item].Next)
            {
                Blanks(depth + 1);
                Dataset(item, depth + 1);
                if (owner._nodes[item].Next != None)
                {
                    Put(",\n"u8);
                }
            }

            Put((byte)'\n');
            Blanks(depth);
            Put((byte)']');
        }

        private void Put(byte value) => _destination[Position++] = value;

        private void Put(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_destination[Position..]);
            Position += bytes.Length;
        }

        private void Blanks(int depth)
        {
            _destination.Slice(Position, 3 * depth).Fill((byte)' ');
            Position += 3 * depth;
        }
    }

    /// <summary>Sorts a part of the order by unescaped name and leaves of equal names the last one. Returns how many are left.</summary>
    private int Sort(ReadOnlySpan<byte> text, int start, int count)
    {
        // By insertion: names of neighbouring tags are in no order, but lists are short, and a comparison ends at the first byte that differs.
        var order = _order.AsSpan(start, count);
        var kept = 0;
        foreach (var entry in order)
        {
            var (low, high) = (0, kept);
            var isEqual = false;
            while (low < high)
            {
                var middle = (low + high) / 2;
                var comparison = Compare(text, order[middle], entry);
                if (comparison == 0)
                {
                    (low, isEqual) = (middle, true);
                    break;
                }

                (low, high) = comparison < 0 ? (middle + 1, high) : (low, middle);
            }

            if (isEqual)
            {
                order[low] = entry;
                continue;
            }

            order[low..kept].CopyTo(order[(low + 1)..]);
            order[low] = entry;
            kept++;
        }

        return kept;
    }

    private int Compare(ReadOnlySpan<byte> text, int left, int right)
    {
        var one = text.Slice(_nodes[left].Name, _nodes[left].NameLength);
        var other = text.Slice(_nodes[right].Name, _nodes[right].NameLength);
        if (one.Contains((byte)'\\') || other.Contains((byte)'\\'))
        {
            if (_unescaped.Length < one.Length + other.Length)
            {
                _unescaped = new byte[2 * (one.Length + other.Length)];
            }

            var length = Unescape(one, _unescaped);
            var otherLength = Unescape(other, _unescaped.AsSpan(length));
            one = _unescaped.AsSpan(0, length);
            other = _unescaped.AsSpan(length, otherLength);
        }

        return one.SequenceCompareTo(other);
    }

    /// <summary>The UTF-8 that a JSON text stands for; what no character can be is left as it is.</summary>
    private static int Unescape(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        var reader = new Utf8JsonReader([(byte)'"', .. text, (byte)'"']);
        try
        {
            _ = reader.Read();
            return reader.CopyString(destination);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            text.CopyTo(destination);
            return text.Length;
        }
    }
}

/// <summary>A tag with a text at the top of an instance: where it stands, from the quote of its number to its bracket, and its parts.</summary>
internal readonly record struct TopTag(Range Whole, Range Key, Range Name, Range Creator, Range Value);

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Tags;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// Compares shared tags with what they are to be: of the full tags of all instances, the top-level entries of type String that stand in each
/// of them with an equal value. Texts are compared as they are written, for one writer has written both. Pure.
/// </summary>
internal static class SharedTags
{
    /// <summary>Nested objects; JsonCpp's own limit.</summary>
    private const int DeepestNesting = 1000;

    /// <summary>Whether they are complete.</summary>
    public static bool AreComplete(ReadOnlySpan<byte> shared, TagFormat format, ReadOnlySpan<byte> instances)
    {
        if (!TryIntersect(instances, format, out var expected))
        {
            return false;
        }

        var reader = Open(shared);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!expected.Remove(Encoding.UTF8.GetString(reader.ValueSpan), out var tag))
            {
                return false;
            }

            if (format == TagFormat.Full)
            {
                if (!TryReadText(ref reader, out var own)
                    || !shared[own.Value].SequenceEqual(instances[tag.Value])
                    || !shared[own.Name].SequenceEqual(instances[tag.Name])
                    || !shared[own.Creator].SequenceEqual(instances[tag.Creator]))
                {
                    return false;
                }
            }
            else if (!reader.Read() || reader.TokenType != JsonTokenType.String || !reader.ValueSpan.SequenceEqual(instances[tag.Value]))
            {
                return false;
            }
        }

        return expected.Count == 0;
    }

    /// <summary>A reader that stands in an object.</summary>
    internal static Utf8JsonReader Open(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DeepestNesting });
        Expect(ref reader, JsonTokenType.StartObject);
        return reader;
    }

    internal static void Expect(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (!reader.Read() || reader.TokenType != token)
        {
            throw new JsonException();
        }
    }

    /// <summary>What stands in all instances, by what it is called in the format.</summary>
    private static bool TryIntersect(ReadOnlySpan<byte> instances, TagFormat format, out Dictionary<string, Tag> expected)
    {
        var found = new Dictionary<ulong, Tag>();
        var count = 0;
        var reader = Open(instances);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Expect(ref reader, JsonTokenType.StartObject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var number = NumberOf(reader.ValueSpan);
                var key = TextOf(reader);
                if (!TryReadText(ref reader, out var tag))
                {
                    continue;
                }

                if (count == 0)
                {
                    found.Add(number, tag with { Key = key, Count = 1 });
                    continue;
                }

                ref var first = ref CollectionsMarshal.GetValueRefOrNullRef(found, number);
                if (!Unsafe.IsNullRef(ref first) && instances[first.Value].SequenceEqual(instances[tag.Value]))
                {
                    first.Count++;
                    first.IsAmbiguous |= !instances[first.Whole].SequenceEqual(instances[tag.Whole]);
                }
            }

            count++;
        }

        expected = [];
        foreach (var tag in found.OrderBy(t => t.Key).Select(t => t.Value).Where(t => t.Count == count))
        {
            // Which instance's name Orthanc takes is its affair, and texts that are no UTF-8 differ where what is written of them does not.
            if (tag.IsAmbiguous || instances[tag.Whole].IndexOf("\uFFFD"u8) >= 0 || instances[tag.Whole].IndexOf("\\ufffd"u8) >= 0)
            {
                return false;
            }

            // Of equal names the highest tag wins.
            expected[Encoding.UTF8.GetString(instances[format == TagFormat.Simplified ? tag.Name : tag.Key])] = tag;
        }

        return true;
    }

    /// <summary>Reads the entry behind a key; false where its value is no text.</summary>
    private static bool TryReadText(ref Utf8JsonReader reader, out Tag tag)
    {
        tag = default;
        Expect(ref reader, JsonTokenType.StartObject);
        var start = (int)reader.TokenStartIndex;
        var isText = false;
        var hasText = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("Name"u8))
            {
                Expect(ref reader, JsonTokenType.String);
                tag.Name = TextOf(reader);
            }
            else if (reader.ValueTextEquals("PrivateCreator"u8))
            {
                Expect(ref reader, JsonTokenType.String);
                tag.Creator = TextOf(reader);
            }
            else if (reader.ValueTextEquals("Type"u8))
            {
                Expect(ref reader, JsonTokenType.String);
                isText = reader.ValueTextEquals("String"u8);
            }
            else if (reader.ValueTextEquals("Value"u8))
            {
                reader.Read();
                hasText = reader.TokenType == JsonTokenType.String;
                tag.Value = hasText ? TextOf(reader) : default;
                reader.Skip();
            }
            else
            {
                throw new JsonException();
            }
        }

        tag.Whole = start..(int)reader.BytesConsumed;
        return isText && hasText;
    }

    /// <summary>Where the text of a token stands, as it is written.</summary>
    private static Range TextOf(in Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex + 1;
        return start..(start + reader.ValueSpan.Length);
    }

    /// <summary>The eight digits of <c>gggg,eeee</c>, in the order of the tags.</summary>
    private static ulong NumberOf(ReadOnlySpan<byte> key)
    {
        if (key.Length != 9 || key[4] != (byte)',')
        {
            throw new JsonException();
        }

        ulong number = 0;
        foreach (var digit in key)
        {
            number = digit == (byte)',' ? number : (number << 8) | digit;
        }

        return number;
    }

    private record struct Tag
    {
        public Range Whole;
        public Range Key;
        public Range Name;
        public Range Creator;
        public Range Value;

        /// <summary>In how many instances it stands with this value.</summary>
        public int Count;

        /// <summary>Whether it has another name somewhere.</summary>
        public bool IsAmbiguous;
    }
}

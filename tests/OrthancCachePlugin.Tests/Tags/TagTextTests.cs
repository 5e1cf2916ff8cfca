using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Tags;
using Xunit;

namespace OrthancCachePlugin.Tests.Tags;

public sealed class TagTextTests
{
    /// <summary>As Orthanc 1.10.1 writes it: a private tag, an empty and a nested sequence, what is binary or too long, two equal names.</summary>
    internal const string Full = """
        {
           "0008,0005" : 
           {
              "Name" : "SpecificCharacterSet",
              "Type" : "String",
              "Value" : "ISO_IR 100"
           },
           "0008,1110" : 
           {
              "Name" : "ReferencedStudySequence",
              "Type" : "Sequence",
              "Value" : 
              [
                 {
                    "0008,1150" : 
                    {
                       "Name" : "ReferencedSOPClassUID",
                       "Type" : "String",
                       "Value" : "1.2.3"
                    },
                    "0008,1155" : 
                    {
                       "Name" : "ReferencedSOPInstanceUID",
                       "Type" : "Null",
                       "Value" : null
                    }
                 },
                 {}
              ]
           },
           "0008,1140" : 
           {
              "Name" : "ReferencedImageSequence",
              "Type" : "Sequence",
              "Value" : []
           },
           "0009,1001" : 
           {
              "Name" : "Unknown Tag & Data",
              "PrivateCreator" : "A \"creator\"",
              "Type" : "Binary",
              "Value" : null
           },
           "0009,1002" : 
           {
              "Name" : "Unknown Tag & Data",
              "Type" : "TooLong",
              "Value" : null
           },
           "0010,0010" : 
           {
              "Name" : "PatientName",
              "Type" : "String",
              "Value" : "M\\u00fcller^\"{\\\\"
           }
        }
        """;

    private const string Short = """
        {
           "0008,0005" : "ISO_IR 100",
           "0008,1110" : 
           [
              {
                 "0008,1150" : "1.2.3",
                 "0008,1155" : null
              },
              {}
           ],
           "0008,1140" : [],
           "0009,1001" : null,
           "0009,1002" : null,
           "0010,0010" : "M\\u00fcller^\"{\\\\"
        }
        """;

    private const string Simplified = """
        {
           "PatientName" : "M\\u00fcller^\"{\\\\",
           "ReferencedImageSequence" : [],
           "ReferencedStudySequence" : 
           [
              {
                 "ReferencedSOPClassUID" : "1.2.3",
                 "ReferencedSOPInstanceUID" : null
              },
              {}
           ],
           "SpecificCharacterSet" : "ISO_IR 100",
           "Unknown Tag & Data" : null
        }
        """;

    [Theory]
    [InlineData(TagFormat.Full, Full)]
    [InlineData(TagFormat.Short, Short)]
    [InlineData(TagFormat.Simplified, Simplified)]
    public void Each_format_is_made_of_the_full_one(TagFormat format, string expected)
    {
        Write(Full, format, depth: 0).Should().Be(expected);
        Write(Full, format, depth: 1).Should().Be(expected.Replace("\n", "\n   ", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_are_sorted_as_the_characters_that_they_stand_for()
    {
        var full = Entries(("0008,0001", "b"), ("0008,0002", "\\u0061"), ("0008,0003", "a\\\""), ("0008,0004", "a"));
        Write(full, TagFormat.Simplified, depth: 0).Should().Be("{\n   \"a\" : \"0008,0004\",\n   \"a\\\"\" : \"0008,0003\",\n   \"b\" : \"0008,0001\"\n}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\n}")]
    [InlineData("[]")]
    public void What_holds_no_tags_is_refused(string text) => new TagText().TryParse(Encoding.UTF8.GetBytes(text)).Should().BeFalse();

    [Fact]
    public void Whatever_is_cut_or_differs_by_a_blank_is_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Full);
        var text = new TagText();
        text.TryParse(bytes).Should().BeTrue();
        for (var i = 0; i < bytes.Length; i++)
        {
            text.TryParse(bytes.AsSpan(0, i)).Should().BeFalse("it ends at {0}", i);
            if (bytes[i] == (byte)' ' && (i == 0 || "\n :{}[]"u8.Contains(bytes[i - 1])))
            {
                text.TryParse([.. bytes[..i], .. bytes[(i + 1)..]]).Should().BeFalse("a blank is missing at {0}", i);
            }
        }

        text.TryParse([.. bytes, (byte)'\n']).Should().BeFalse();
    }

    [Theory]
    [InlineData("\"Type\" : \"String\"", "\"Type\" : \"Number\"")]
    [InlineData("\"Value\" : \"1.2.3\"", "\"Value\" : 1.2")]
    [InlineData("\"Value\" : \"1.2.3\"", "\"Value\" : null")]
    [InlineData("0008,1155", "0008,1150")]
    [InlineData("0008,1155", "0008,115A")]
    [InlineData("1.2.3", "1\t2")]
    [InlineData("1.2.3", "\\x")]
    public void What_is_written_otherwise_is_refused(string from, string to) =>
        new TagText().TryParse(Encoding.UTF8.GetBytes(Full.Replace(from, to, StringComparison.Ordinal))).Should().BeFalse();

    [Fact]
    public void Sequences_are_followed_to_a_depth_and_no_further()
    {
        new TagText().TryParse(Encoding.UTF8.GetBytes(Nested(32))).Should().BeTrue();
        new TagText().TryParse(Encoding.UTF8.GetBytes(Nested(33))).Should().BeFalse();
    }

    [Theory]
    [InlineData("\uFFFD", true)]
    [InlineData("\\ufffd", true)]
    [InlineData("x", false)]
    public void A_name_that_is_no_utf8_is_noticed(string name, bool isOdd)
    {
        var text = new TagText();
        text.TryParse(Encoding.UTF8.GetBytes(Entries(("0008,0001", name)))).Should().BeTrue();
        text.HasOddName.Should().Be(isOdd);
    }

    internal static string Entries(params (string Tag, string Name)[] tags) => "{\n" + string.Join(",\n", tags.Select(t =>
        $"   \"{t.Tag}\" : \n   {{\n      \"Name\" : \"{t.Name}\",\n      \"Type\" : \"String\",\n      \"Value\" : \"{t.Tag}\"\n   }}")) + "\n}";

    private static string Nested(int depth)
    {
        var text = "{}";
        for (var level = depth - 1; level >= 0; level--)
        {
            string I(int n) => new(' ', 3 * ((3 * level) + n));
            text = $"{{\n{I(1)}\"0008,1110\" : \n{I(1)}{{\n{I(2)}\"Name\" : \"x\",\n{I(2)}\"Type\" : \"Sequence\",\n{I(2)}\"Value\" : \n{I(2)}[\n{I(3)}{text}\n{I(2)}]\n{I(1)}}}\n{I(0)}}}";
        }

        return text;
    }

    private static string Write(string full, TagFormat format, int depth)
    {
        var bytes = Encoding.UTF8.GetBytes(full);
        var text = new TagText();
        text.TryParse(bytes).Should().BeTrue();
        var destination = new byte[TagText.MaximumSize(bytes, depth)];
        return Encoding.UTF8.GetString(destination, 0, text.Write(bytes, format, depth, destination));
    }
}

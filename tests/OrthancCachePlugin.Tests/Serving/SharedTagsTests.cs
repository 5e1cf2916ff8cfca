using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FluentAssertions;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Tags;
using Xunit;

namespace OrthancCachePlugin.Tests.Serving;

/// <summary>Shared tags are complete where they are those of all instances, and in no other case.</summary>
public sealed class SharedTagsTests
{
    private static readonly string[] Numbers = ["0008,0060", "0008,103e", "0009,0010", "0009,1001", "0010,0010", "0020,000d", "0028,1050", "7fe0,0010"];
    private static readonly string[] Names = ["PatientName", "Modality", "Unknown Tag & Data", "Unknown Tag & Data", "PrivateCreator"];
    private static readonly string[] Texts = ["", "a", "b", "é\"\\\n", "\u0000<>&", "\U0001F600"];

    public static TheoryData<string> Formats => ["Full", "Short", "Simplified"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Generated_cases(string formatName)
    {
        var format = Enum.Parse<TagFormat>(formatName);
        var seed = Random.Shared.Next();
        var complete = 0;
        var incomplete = 0;
        for (var run = 0; run < 3000; run++)
        {
            var random = new Random(seed + run);
            var instances = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Instance(random)).ToList();
            var all = Encoding.UTF8.GetBytes(WriteAll(instances));
            var readable = instances.Where(_ => random.Next(4) > 0).ToList();
            var truth = Shared(instances, format);
            var response = Shared(readable, format);
            var isAmbiguous = IsAmbiguous(instances);

            var result = SharedTags.AreComplete(Encoding.UTF8.GetBytes(response), format, all);

            result.Should().Be(response == truth && !isAmbiguous, "seed {0}: {1} of {2}", seed + run, response, Encoding.UTF8.GetString(all));
            _ = result ? complete++ : incomplete++;
        }

        complete.Should().BePositive();
        incomplete.Should().BePositive();
    }

    [Theory]
    [InlineData("{}", true)]
    [InlineData("{\n   \"0010,0010\" : \"a\"\n}", false)]
    public void A_study_without_instances_shares_nothing(string shared, bool isComplete) =>
        SharedTags.AreComplete(Encoding.UTF8.GetBytes(shared), TagFormat.Short, "{}"u8).Should().Be(isComplete);

    [Theory]
    [InlineData("\uFFFD")]
    [InlineData("\\ufffd")]
    public void Texts_that_are_no_utf8_may_differ_where_what_is_written_does_not(string text)
    {
        var tag = $$"""{"Name":"PatientName","Type":"String","Value":"{{text}}"}""";
        var all = $$"""{ "i1" : { "0010,0010" : {{tag}} }, "i2" : { "0010,0010" : {{tag}} } }""";
        SharedTags.AreComplete(Encoding.UTF8.GetBytes($$"""{ "0010,0010" : {{tag}} }"""), TagFormat.Full, Encoding.UTF8.GetBytes(all)).Should().BeFalse();
    }

    [Theory]
    [InlineData("""{"i1":{"0010,0010":"short"}}""")]
    [InlineData("""{"i1":[]}""")]
    [InlineData("""{"i1":{"PatientName":{"Name":"PatientName","Type":"String","Value":"a"}}}""")]
    [InlineData("<root/>")]
    [InlineData("")]
    public void What_orthanc_does_not_write_is_not_understood(string all)
    {
        var act = () => SharedTags.AreComplete("{}"u8, TagFormat.Full, Encoding.UTF8.GetBytes(all));
        act.Should().Throw<JsonException>();
    }

    private static SortedDictionary<string, Entry> Instance(Random random)
    {
        var instance = new SortedDictionary<string, Entry>(StringComparer.Ordinal);
        foreach (var number in Numbers.Where(_ => random.Next(8) > 0))
        {
            var name = Names[(number[3] + number[8] + (random.Next(40) == 0 ? 1 : 0)) % Names.Length];
            var creator = number.StartsWith("0009", StringComparison.Ordinal) ? random.Next(20) == 0 ? "B" : "A" : null;
            instance[number] = random.Next(10) switch
            {
                0 => new Entry(name, creator, "Sequence", random.Next(2) == 0 ? "[]" : $$"""[ { "0010,0010" : {{Write(new Entry("PatientName", null, "String", "\"a\""))}} } ]"""),
                1 => new Entry(name, creator, "Null", "null"),
                2 => new Entry(name, creator, "TooLong", "null"),
                _ => new Entry(name, creator, "String", Quote(Texts[random.Next(random.Next(3) == 0 ? Texts.Length : 2)])),
            };
        }

        return instance;
    }

    private static bool IsAmbiguous(List<SortedDictionary<string, Entry>> instances) => Intersect(instances)
        .Any(tag => instances.Select(i => (i[tag.Key].Name, i[tag.Key].Creator)).Distinct().Count() > 1);

    private static List<KeyValuePair<string, Entry>> Intersect(List<SortedDictionary<string, Entry>> instances) => instances.Count == 0
        ? []
        : [.. instances[0].Where(tag => tag.Value.Type == "String"
            && instances.TrueForAll(i => i.TryGetValue(tag.Key, out var other) && other.Type == "String" && other.Value == tag.Value.Value))];

    private static string Shared(List<SortedDictionary<string, Entry>> instances, TagFormat format)
    {
        var tags = Intersect(instances);
        var members = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (number, entry) in tags)
        {
            members[format == TagFormat.Simplified ? entry.Name : number] = format == TagFormat.Full ? Write(entry) : entry.Value;
        }

        return WriteObject(members);
    }

    private static string WriteAll(List<SortedDictionary<string, Entry>> instances) => WriteObject(instances.Select((tags, number) =>
        new KeyValuePair<string, string>(number.ToString(CultureInfo.InvariantCulture), WriteObject(tags.Select(t => new KeyValuePair<string, string>(t.Key, Write(t.Value)))))));

    private static string Write(Entry entry) =>
        $$"""{ "Name" : {{Quote(entry.Name)}}, {{(entry.Creator is null ? "" : $"\"PrivateCreator\" : {Quote(entry.Creator)},")}} "Type" : "{{entry.Type}}", "Value" : {{entry.Value}} }""";

    private static string WriteObject(IEnumerable<KeyValuePair<string, string>> members) =>
        $"{{ {string.Join(",\n", members.Select(m => $"{Quote(m.Key)} : {m.Value}"))} }}";

    private static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    private sealed record Entry(string Name, string? Creator, string Type, string Value);
}

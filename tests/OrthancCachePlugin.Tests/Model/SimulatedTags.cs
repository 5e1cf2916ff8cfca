using System.Globalization;

namespace OrthancCachePlugin.Tests.Model;

/// <summary>Tags as Orthanc writes them: one that names instance and file, one that all files of an instance may share, the encoding, and pixels.</summary>
internal static class SimulatedTags
{
    public static string OfOne(OriginState state, int instance) => Write(Tags(state, instance), hasPixels: true);

    public static string OfOneSimplified(OriginState state, int instance) => "{\n" + string.Join(
        ",\n",
        Tags(state, instance).Select(t => (t.Name, Value: $"\"{t.Value}\"")).Append((Name: "PixelData", Value: "null"))
            .OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => $"   \"{t.Name}\" : {t.Value}")) + "\n}";

    public static string OfEach(OriginState state, IEnumerable<int> instances) => "{\n" + string.Join(
        ",\n",
        instances.Select(i => (Id: Tree.Instances[i].Id.ToString(), Text: OfOne(state, i))).OrderBy(i => i.Id, StringComparer.Ordinal)
            .Select(i => $"   \"{i.Id}\" : \n   {i.Text.Replace("\n", "\n   ", StringComparison.Ordinal)}")) + "\n}";

    public static string OfAll(OriginState state, int[] instances) =>
        Write(instances.Select(i => Tags(state, i)).Aggregate((shared, next) => [.. shared.Intersect(next)]), hasPixels: false);

    private static (string Tag, string Name, string Value)[] Tags(OriginState state, int instance) =>
    [
        ("0008,0005", "SpecificCharacterSet", string.Create(CultureInfo.InvariantCulture, $"encoding {state.Encoding}")),
        ("0008,0018", "SOPInstanceUID", string.Create(CultureInfo.InvariantCulture, $"{instance}:{state.Instances[instance].Content}")),
        ("0010,0010", "PatientName", string.Create(CultureInfo.InvariantCulture, $"content {state.Instances[instance].Content % 2}")),
    ];

    private static string Write((string Tag, string Name, string Value)[] tags, bool hasPixels)
    {
        var entries = tags.Select(t => Entry(t.Tag, t.Name, "String", $"\"{t.Value}\""));
        return "{\n" + string.Join(",\n", hasPixels ? entries.Append(Entry("7fe0,0010", "PixelData", "Null", "null")) : entries) + "\n}";
    }

    private static string Entry(string tag, string name, string type, string value) =>
        $"   \"{tag}\" : \n   {{\n      \"Name\" : \"{name}\",\n      \"Type\" : \"{type}\",\n      \"Value\" : {value}\n   }}";
}

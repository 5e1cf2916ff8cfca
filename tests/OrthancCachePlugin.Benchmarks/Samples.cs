using System.Text;

namespace OrthancCachePlugin.Benchmarks;

/// <summary>Paths and bodies of about the size and the redundancy of the real ones.</summary>
internal static class Samples
{
    public const string SmallPath = "/studies/fd04ab24-61790e11-29a48a63-c56e7b73-63f1ec43/shared-tags";

    public const string LargePath = "/studies/fd04ab24-61790e11-29a48a63-c56e7b73-63f1ec43/instances-tags";

    /// <summary>About 8 KB of JSON.</summary>
    public static byte[] SmallBody() => Json(60);

    /// <summary>About 6 MB of JSON.</summary>
    public static byte[] LargeBody() => Json(45_000);

    /// <summary>A tenth of a second, for what happens on other threads while a benchmark is set up.</summary>
    public static void Pause()
    {
        using var never = new ManualResetEventSlim();
        never.Wait(TimeSpan.FromMilliseconds(100));
    }

    private static byte[] Json(int elements)
    {
        var text = new StringBuilder("{");
        for (var i = 0; i < elements; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n   \"{i % 128:x4},{i:x4}\" : {{\n      \"Name\" : \"ElementNumber{i % 97}\",\n      \"Type\" : \"String\",\n      \"Value\" : \"{i * 2654435761}\"\n   }},");
        }

        return Encoding.ASCII.GetBytes(text.Append("\n}").ToString());
    }
}

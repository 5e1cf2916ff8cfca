using System.Text.Json.Nodes;

namespace OrthancCachePlugin.EndToEnd.Servers;

/// <summary>
/// Other plugins that every server of a run loads, ours and the bare one: <c>ORTHANC_CACHE_BESIDE</c> lists their libraries as Orthanc sees
/// them, separated by colons. Nothing that we answer may change because of them.
/// </summary>
internal static class Neighbours
{
    private static readonly string[] Libraries = (Environment.GetEnvironmentVariable("ORTHANC_CACHE_BESIDE") ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A script that takes part in what both plugins hear: events, stored instances, and routes of its own.</summary>
    private const string Script = """
        import orthanc

        def on_change(change, level, resource):
            if change == orthanc.ChangeType.NEW_STUDY:
                orthanc.RestApiGet('/studies/%s/statistics' % resource)

        def on_rest(output, uri, **request):
            output.AnswerBuffer('beside', 'text/plain')

        orthanc.RegisterOnChangeCallback(on_change)
        orthanc.RegisterRestCallback('/beside', on_rest)

        """;

    /// <summary>Adds them to a server's configuration.</summary>
    /// <param name="configuration">Orthanc's configuration, whose <c>Plugins</c> are there already.</param>
    /// <param name="folder">The server's directory as this process sees it.</param>
    /// <param name="home">The same directory as Orthanc sees it.</param>
    public static void AddTo(JsonObject configuration, string folder, string home)
    {
        foreach (var library in Libraries)
        {
            configuration["Plugins"]!.AsArray().Add(library);
        }

        if (Libraries.Any(l => l.Contains("Python", StringComparison.Ordinal)))
        {
            File.WriteAllText(Path.Combine(folder, "beside.py"), Script);
            configuration["PythonScript"] = home + "/beside.py";
        }
    }
}

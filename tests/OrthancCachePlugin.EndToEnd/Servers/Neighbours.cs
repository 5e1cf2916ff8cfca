using System.Text.Json.Nodes;

namespace OrthancCachePlugin.EndToEnd.Servers;

/// <summary>
/// Other plugins that every server of a run loads, ours and the bare one: <c>ORTHANC_CACHE_BESIDE</c> lists their libraries as Orthanc sees
/// them, separated by colons. Nothing that we answer may change because of them.
/// </summary>
/// <remarks>
/// Two things that no test of ours may trip over. 7.1, with Orthanc 1.13.0, ends a bare server, too, when events come while it is stopping
/// ("free(): invalid pointer"), so there the script hears none. 5.0, with Orthanc 1.12.7, ended the server in some of the runs of
/// <c>/tools/reset</c> beside ours (in PyUnicode_FromString below Py_InitializeEx: perhaps a name that it leaves in libpython's table of
/// modules when it is unloaded) and in none of seven without; so resets are done without it.
/// </remarks>
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

        # Not with 7.1, which is the first to have this.
        if not hasattr(orthanc, 'EmitAuditLog'):
            orthanc.RegisterOnChangeCallback(on_change)
        orthanc.RegisterRestCallback('/beside', on_rest)

        """;

    /// <summary>Whether orthanc-python is among them.</summary>
    public static bool HavePython { get; } = Libraries.Any(IsPython);

    /// <summary>Whether orthanc-dicomweb is among them.</summary>
    public static bool HaveDicomWeb { get; } = Libraries.Any(l => l.Contains("DicomWeb", StringComparison.Ordinal));

    /// <summary>Adds them to a server's configuration.</summary>
    /// <param name="configuration">Orthanc's configuration, whose <c>Plugins</c> are there already.</param>
    /// <param name="folder">The server's directory as this process sees it.</param>
    /// <param name="home">The same directory as Orthanc sees it.</param>
    /// <param name="withPython">False leaves orthanc-python out.</param>
    /// <param name="attaches">Whether orthanc-dicomweb attaches what it has computed to a series that has become stable: when it gets round to
    /// it, and so not on two servers at the same moment.</param>
    public static void AddTo(JsonObject configuration, string folder, string home, bool withPython, bool attaches)
    {
        configuration["DicomWeb"] = new JsonObject { ["EnableMetadataCache"] = attaches };
        foreach (var library in Libraries.Where(l => withPython || !IsPython(l)))
        {
            configuration["Plugins"]!.AsArray().Add(library);
        }

        if (HavePython && withPython)
        {
            File.WriteAllText(Path.Combine(folder, "beside.py"), Script);
            configuration["PythonScript"] = home + "/beside.py";
        }
    }

    private static bool IsPython(string library) => library.Contains("Python", StringComparison.Ordinal);
}

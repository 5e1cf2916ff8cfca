using System.Text.Json.Nodes;

namespace OrthancCachePlugin.EndToEnd.Servers;

/// <summary>Orthanc's configuration file for one test server.</summary>
internal static class OrthancConfiguration
{
    /// <summary>Builds the file's content.</summary>
    /// <param name="settings">What the test asks for.</param>
    /// <param name="server">Whose ports are used.</param>
    /// <param name="home">The server's directory, as Orthanc sees it.</param>
    /// <param name="cacheDirectory">The cache's directory, as Orthanc sees it.</param>
    /// <param name="library">Our library, as Orthanc sees it; null for a bare server.</param>
    public static JsonObject Build(OrthancSettings settings, OrthancServer server, string home, string cacheDirectory, string? library)
    {
        JsonArray plugins = [.. settings.Plugins.Select(p => JsonValue.Create(p))];
        var configuration = new JsonObject
        {
            ["Name"] = "end to end",
            ["StorageDirectory"] = home + "/storage",
            ["IndexDirectory"] = home + "/storage",
            ["HttpPort"] = server.HttpPort,
            ["DicomPort"] = server.DicomPort,
            ["DicomAet"] = server.AeTitle,
            ["DicomAlwaysAllowStore"] = true,
            ["DicomAlwaysAllowMove"] = true,
            ["DicomCheckCalledAet"] = false,
            ["RemoteAccessAllowed"] = false,
            ["AuthenticationEnabled"] = false,
            ["OverwriteInstances"] = true,
            ["StableAge"] = 1,
            ["UserMetadata"] = new JsonObject { ["e2e-first"] = 1024, ["e2e-second"] = 1025 },
            ["UserContentType"] = new JsonObject { ["e2e-note"] = 1024, ["e2e-other"] = new JsonArray(1025, "text/plain") },
            ["DicomModalities"] = new JsonObject { ["self"] = new JsonArray(server.AeTitle, "127.0.0.1", server.DicomPort) },
        };
        if (library is not null)
        {
            plugins.Insert(0, JsonValue.Create(library));
            var cache = (JsonObject)settings.Cache.DeepClone();
            if (settings.NameCacheDirectory)
            {
                cache["Directory"] = cacheDirectory;
            }

            configuration["ResponseCache"] = cache;
        }

        configuration["Plugins"] = plugins;
        Neighbours.AddTo(configuration, server.Home, home, settings.WithPython, settings.DicomWebAttaches);
        if (settings.Lua is not null)
        {
            configuration["LuaScripts"] = new JsonArray(home + "/script.lua");
        }

        foreach (var (name, value) in settings.Configuration)
        {
            configuration[name] = value?.DeepClone();
        }

        return configuration;
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Configuration;

public sealed record HostConfiguration
{
    /// <summary><c>HttpCompressionEnabled</c>: Orthanc compresses the responses of plugins.</summary>
    public bool CompressesAnswers { get; init; }

    /// <summary><c>SynchronousZipStream</c>: archives are streamed, and then not compressed again.</summary>
    public bool StreamsArchives { get; init; } = true;

    /// <summary>Names in archives may have any letter (<c>ZipUseUtf8</c>, since 1.12.11).</summary>
    public bool NamesArchivesInUtf8 { get; init; }

    /// <summary><c>HttpDescribeErrors</c>: errors have a body.</summary>
    public bool DescribesErrors { get; init; } = true;

    public bool AsksForAuthentication { get; init; }

    /// <summary>The plugin of the index, as <c>PostgreSQL</c>; empty for Orthanc's own SQLite.</summary>
    public string IndexPlugin { get; init; } = "";

    public IReadOnlyList<string> TokenArguments { get; init; } = []; // query arguments that carry tokens of the authorization plugin

    public Digest128 Digest { get; init; } // digest of all of the configuration that may shape a response
}

public static class HostConfigurationReader
{
    /// <summary>Options that shape no response: changing one must not empty the cache.</summary>
    private static readonly HashSet<string> Shapeless = new(StringComparer.Ordinal)
    {
        OptionsReader.Section, "HttpPort", "DicomPort", "HttpThreadsCount", "HttpServerEnabled", "DicomServerEnabled", "RegisteredUsers",
        "AuthenticationEnabled", "RemoteAccessAllowed", "SslEnabled", "SslCertificate", "KeepAlive", "TcpNoDelay", "ConcurrentJobs",
    };

    private static readonly string[] IndexPlugins = ["PostgreSQL", "MySQL", "Odbc"];

    /// <param name="compressesByDefault">Orthanc's own default of <c>HttpCompressionEnabled</c>: true before 1.12.2.</param>
    public static HostConfiguration Read(JsonElement configuration, bool compressesByDefault) => new()
    {
        CompressesAnswers = Flag(configuration, "HttpCompressionEnabled", compressesByDefault),
        StreamsArchives = Flag(configuration, "SynchronousZipStream", true),
        NamesArchivesInUtf8 = Flag(configuration, "ZipUseUtf8", false),
        DescribesErrors = Flag(configuration, "HttpDescribeErrors", true),
        AsksForAuthentication = AsksForAuthentication(configuration),
        IndexPlugin = Array.Find(IndexPlugins, p => HasIndex(configuration, p)) ?? "",
        TokenArguments = TokenArguments(configuration),
        Digest = DigestOf(configuration),
    };

    /// <summary>Without the option, Orthanc authenticates where remote access is allowed; a list of users or a plugin does, too.</summary>
    private static bool AsksForAuthentication(JsonElement configuration) =>
        Flag(configuration, "AuthenticationEnabled", Flag(configuration, "RemoteAccessAllowed", false))
        || (configuration.TryGetProperty("RegisteredUsers", out var users)
            && users.ValueKind == JsonValueKind.Object && users.EnumerateObject().MoveNext())
        || (configuration.TryGetProperty("Authorization", out var plugin)
            && plugin.ValueKind == JsonValueKind.Object && Flag(plugin, "Enable", true));

    private static bool HasIndex(JsonElement configuration, string plugin) =>
        configuration.TryGetProperty(plugin, out var section)
        && section.ValueKind == JsonValueKind.Object && Flag(section, "EnableIndex", false);

    private static List<string> TokenArguments(JsonElement configuration)
    {
        var arguments = new List<string>();
        if (configuration.TryGetProperty("Authorization", out var plugin) && plugin.ValueKind == JsonValueKind.Object
            && plugin.TryGetProperty("TokenGetArguments", out var names) && names.ValueKind == JsonValueKind.Array)
        {
            foreach (var name in names.EnumerateArray())
            {
                if (name.ValueKind == JsonValueKind.String)
                {
                    arguments.Add(name.GetString()!);
                }
            }
        }

        return arguments;
    }

    private static Digest128 DigestOf(JsonElement configuration)
    {
        var members = configuration.EnumerateObject()
            .Where(m => !Shapeless.Contains(m.Name))
            .Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Name.Length}:{m.Name}={m.Value.GetRawText()}\n"))
            .Order(StringComparer.Ordinal);
        return Digest128.Of(Encoding.UTF8.GetBytes(string.Concat(members)));
    }

    private static bool Flag(JsonElement parent, string name, bool fallback) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.ValueKind == JsonValueKind.True
            : fallback;
}

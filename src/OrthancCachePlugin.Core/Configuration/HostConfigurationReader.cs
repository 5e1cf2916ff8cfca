using System.Globalization;
using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Configuration;

/// <summary>Reads what concerns us out of the options of Orthanc and of other plugins.</summary>
public static class HostConfigurationReader
{
    /// <summary>Members that shape no response: changing one must not empty the cache.</summary>
    private static readonly HashSet<string> Shapeless = new(StringComparer.Ordinal)
    {
        OptionsReader.Section, "HttpPort", "DicomPort", "HttpThreadsCount", "HttpServerEnabled", "DicomServerEnabled", "RegisteredUsers",
        "AuthenticationEnabled", "RemoteAccessAllowed", "SslEnabled", "SslCertificate", "KeepAlive", "TcpNoDelay", "ConcurrentJobs",
    };

    private static readonly string[] IndexPlugins = ["PostgreSQL", "MySQL", "Odbc"];

    /// <summary>Reads the whole configuration.</summary>
    /// <param name="configuration">As Orthanc gives it to plugins.</param>
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

    /// <summary>Without the option, Orthanc asks as soon as it can be reached from elsewhere; a users' list or a plugin asks too.</summary>
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
        var text = new StringBuilder();
        var members = new List<string>();
        foreach (var member in configuration.EnumerateObject())
        {
            if (!Shapeless.Contains(member.Name))
            {
                members.Add(string.Concat(member.Name.Length.ToString(CultureInfo.InvariantCulture), ":", member.Name, "=" + member.Value.GetRawText()));
            }
        }

        members.Sort(StringComparer.Ordinal);
        foreach (var member in members)
        {
            text.Append(member).Append('\n');
        }

        return Digest128.Of(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static bool Flag(JsonElement parent, string name, bool fallback) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.ValueKind == JsonValueKind.True
            : fallback;
}

using System.Text.Json;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Configuration;

/// <summary>Reads the section. A wrong value is an error, an unknown name a warning; each is one line.</summary>
public sealed class OptionsReader
{
    public const string Section = "ResponseCache";

    private static readonly string[] Members =
    [
        nameof(CacheOptions.Enable), nameof(CacheOptions.Directory), nameof(CacheOptions.MaximumSize),
        nameof(CacheOptions.MemorySize), nameof(CacheOptions.ExpirationDays), nameof(CacheOptions.CacheControl),
        nameof(CacheOptions.WarmUp), nameof(CacheOptions.WarmUpRoutes), nameof(CacheOptions.WarmUpThreads),
        nameof(CacheOptions.ExcludedRoutes), nameof(CacheOptions.Archives), nameof(CacheOptions.CacheBinaries), nameof(CacheOptions.SharedDatabase),
    ];

    private readonly List<ConfigurationProblem> _problems = [];

    public IReadOnlyList<ConfigurationProblem> Problems => _problems;

    public bool HasErrors => _problems.Exists(p => p.IsError);

    public CacheOptions Read(JsonElement configuration)
    {
        var options = new CacheOptions();
        if (!configuration.TryGetProperty(Section, out var section))
        {
            return options;
        }

        if (section.ValueKind != JsonValueKind.Object)
        {
            Error("", "must be an object");
            return options;
        }

        foreach (var member in section.EnumerateObject())
        {
            options = Apply(options, member.Name, member.Value);
        }

        if (section.TryGetProperty(nameof(CacheOptions.WarmUpRoutes), out _))
        {
            WarnOfExcluded(options);
        }

        if (options.MemorySize <= options.MaximumSize / 2)
        {
            return options;
        }

        // A small MaximumSize alone is no error: the default of MemorySize gives way.
        if (section.TryGetProperty(nameof(CacheOptions.MemorySize), out _))
        {
            Error(nameof(CacheOptions.MemorySize), "must be at most half of MaximumSize");
        }

        return options with { MemorySize = options.MaximumSize / 2 };
    }

    private CacheOptions Apply(CacheOptions o, string name, JsonElement value) => name switch
    {
        nameof(CacheOptions.Enable) => o with { Enable = Bool(name, value, o.Enable) },
        nameof(CacheOptions.Directory) => o with { Directory = Path(name, value, o.Directory) },
        nameof(CacheOptions.MaximumSize) => o with { MaximumSize = Int(name, value, 64, 1 << 20, "MiB", o.MaximumSize) },
        nameof(CacheOptions.MemorySize) => o with { MemorySize = Int(name, value, 32, 1 << 15, "MiB", o.MemorySize) },
        nameof(CacheOptions.ExpirationDays) => o with { ExpirationDays = Int(name, value, 1, 3650, "days", o.ExpirationDays) },
        nameof(CacheOptions.CacheControl) => o with { CacheControl = Header(name, value, o.CacheControl) },
        nameof(CacheOptions.WarmUp) => o with { WarmUp = Bool(name, value, o.WarmUp) },
        nameof(CacheOptions.WarmUpRoutes) => o with { WarmUpRoutes = Routes(name, value, o.WarmUpRoutes) },
        nameof(CacheOptions.WarmUpThreads) => o with { WarmUpThreads = Int(name, value, 1, 16, "threads", o.WarmUpThreads) },
        nameof(CacheOptions.ExcludedRoutes) => o with { ExcludedRoutes = Excluded(name, value, o.ExcludedRoutes) },
        nameof(CacheOptions.Archives) => o with { Archives = Archives(name, value, o.Archives) },
        nameof(CacheOptions.CacheBinaries) => o with { CacheBinaries = Bool(name, value, o.CacheBinaries) },
        nameof(CacheOptions.SharedDatabase) => o with { SharedDatabase = Bool(name, value, o.SharedDatabase) },
        _ => Unknown(o, name),
    };

    private CacheOptions Unknown(CacheOptions options, string name)
    {
        var similar = Members[0];
        foreach (var member in Members)
        {
            similar = Distance(member, name) < Distance(similar, name) ? member : similar;
        }

        var hint = Distance(similar, name) <= 3 ? $"; did you mean \"{similar}\"?" : "";
        _problems.Add(new ConfigurationProblem(false, $"\"{Section}.{Printable(name)}\" is not an option and is ignored{hint}"));
        return options;
    }

    private bool Bool(string name, JsonElement value, bool fallback)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Error(name, "must be true or false");
        return fallback;
    }

    private bool? Archives(string name, JsonElement value, bool? fallback)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        if (value.ValueKind != JsonValueKind.String || value.GetString() != "auto")
        {
            Error(name, "must be \"auto\", true or false");
        }

        return fallback;
    }

    private int Int(string name, JsonElement value, int minimum, int maximum, string unit, int fallback)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= minimum && number <= maximum)
        {
            return number;
        }

        Error(name, string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"must be a whole number from {minimum} to {maximum} ({unit})"));
        return fallback;
    }

    private string Path(string name, JsonElement value, string fallback)
    {
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } path && !path.Contains('\0'))
        {
            return path;
        }

        Error(name, "must be the path of a directory");
        return fallback;
    }

    private string Header(string name, JsonElement value, string fallback)
    {
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text
            && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text.Trim();
        }

        Error(name, "must be the printable ASCII text of a Cache-Control header, or empty");
        return fallback;
    }

    private IReadOnlyList<string> Routes(string name, JsonElement value, IReadOnlyList<string> fallback)
    {
        var isGood = true;
        if (value.ValueKind == JsonValueKind.Array)
        {
            var routes = new List<string>();
            foreach (var item in value.EnumerateArray())
            {
                var route = item.ValueKind == JsonValueKind.String ? item.GetString() : null;
                if (route is not null && !routes.Contains(route))
                {
                    routes.Add(route);
                }

                isGood &= IsWarmable(route);
            }

            if (isGood)
            {
                return routes;
            }
        }

        var takes = string.Join(", ", RouteTable.Parents.Where(r => r.Body == BodyKind.Json).Select(r => r.Name));
        Error(name, $"must be a list of routes out of {takes}, each perhaps with a query of its arguments, as \"shared-tags?short\"");
        return fallback;
    }

    private IReadOnlyList<string> Excluded(string name, JsonElement value, IReadOnlyList<string> fallback)
    {
        var routes = value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select(i => i.ValueKind == JsonValueKind.String ? i.GetString()! : "").Distinct().ToArray()
            : [""];
        if (routes.All(RouteTable.Names.Contains))
        {
            return routes;
        }

        Error(name, $"must be a list of routes out of {string.Join(", ", RouteTable.Names)}");
        return fallback;
    }

    private void WarnOfExcluded(CacheOptions options)
    {
        foreach (var route in options.WarmUpRoutes)
        {
            var name = route.Split('?', 2)[0];
            var excluded = options.ExcludedRoutes.Where(e => e.EndsWith("/" + name, StringComparison.Ordinal)).ToArray();
            if (excluded.Length > 0)
            {
                _problems.Add(new ConfigurationProblem(
                    false, $"\"{Section}.{nameof(CacheOptions.WarmUpRoutes)}\" names {route}, which is not warmed up where it is excluded: {string.Join(", ", excluded)}"));
            }
        }
    }

    private static bool IsWarmable(string? text)
    {
        if (text is null)
        {
            return false;
        }

        var parts = text.Split('?', 2);
        var route = RouteTable.Parents.FirstOrDefault(r => r.Name == parts[0] && r.Body == BodyKind.Json);
        return route is not null && (parts.Length == 1
            || parts[1].Split('&').All(a => route.Arguments.Contains(a.Split('=', 2)[0])));
    }

    private void Error(string member, string takes)
    {
        var name = member.Length == 0 ? Section : $"{Section}.{member}";
        _problems.Add(new ConfigurationProblem(true, $"\"{name}\" {takes}"));
    }

    private static string Printable(string name) =>
        string.Create(Math.Min(64, name.Length), name, static (text, source) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = char.IsControl(source[i]) ? '?' : source[i];
            }
        });

    /// <summary>Levenshtein distance.</summary>
    private static int Distance(string a, string b)
    {
        if (b.Length > 64)
        {
            return int.MaxValue;
        }

        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? diagonal : diagonal + 1;
                diagonal = row[j];
                row[j] = Math.Min(cost, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}

/// <summary>An error stops the plugin; otherwise it is a warning.</summary>
public sealed record ConfigurationProblem(bool IsError, string Text);

/// <summary>The <c>ResponseCache</c> section of Orthanc's configuration, with its defaults.</summary>
public sealed record CacheOptions
{
    public bool Enable { get; init; } = true;

    /// <summary>Of the disk cache; created for Orthanc's user alone, as it has patient data.</summary>
    public string Directory { get; init; } = OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "Orthanc", "cache")
        : "/var/lib/orthanc/cache";

    public int MaximumSize { get; init; } = 1024; // MiB on disk at all times, everything included

    public int MemorySize { get; init; } = 64; // MiB of the hybrid log in memory

    public int ExpirationDays { get; init; } = 7;

    /// <summary>A literal <c>Cache-Control</c>; empty for ours.</summary>
    public string CacheControl { get; init; } = "";

    public bool WarmUp { get; init; } = true;

    public IReadOnlyList<string> WarmUpRoutes { get; init; } =
    [
        "instances-tags", "instances-tags?short", "instances-tags?simplify",
        "shared-tags", "shared-tags?short", "shared-tags?simplify",
        "attachments", "attachments?full",
    ];

    public int WarmUpThreads { get; init; } = 1;

    public IReadOnlyList<string> ExcludedRoutes { get; init; } = [];

    /// <summary>Whether archives are made here: <c>null</c> where the server can stream them.</summary>
    public bool? Archives { get; init; }

    public bool CacheBinaries { get; init; } // store rendered images and frames, too

    public bool SharedDatabase { get; init; } // other Orthancs write to the same database
}

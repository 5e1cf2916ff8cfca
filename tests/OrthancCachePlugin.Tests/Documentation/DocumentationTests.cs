using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Tags;

namespace OrthancCachePlugin.Tests.Documentation;

/// <summary>What the documents list is what the code has.</summary>
public sealed partial class DocumentationTests
{
    /// <summary>The picture of the page is made by hand.</summary>
    private const string Picture = "docs/page.png";

    private static readonly string Root = FindRoot();

    private static readonly string[] Members = [.. typeof(CacheOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => p.Name)];

    [Fact]
    public void The_table_in_the_readme_has_each_member_of_the_configuration_with_its_default()
    {
        var table = ConfigurationTable();
        table.Keys.Should().BeEquivalentTo(Members);
        table.Where(row => !IsCode(row.Value)).Select(row => row.Key).Should().Equal(["WarmUpRoutes"], "only its default is too long for the table");
        foreach (var (name, cell) in table.Where(row => IsCode(row.Value)))
        {
            ShouldBeDefault(name, cell.Trim('`'));
        }
    }

    [Fact]
    public void The_sample_configuration_has_each_member_with_its_default()
    {
        using var sample = JsonDocument.Parse(Read("build/packaging/response-cache.json"), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        var section = sample.RootElement.GetProperty(OptionsReader.Section);
        section.EnumerateObject().Select(m => m.Name).Should().BeEquivalentTo(Members);
        foreach (var member in section.EnumerateObject())
        {
            ShouldBeDefault(member.Name, member.Value.GetRawText());
        }
    }

    [Fact]
    public void The_manual_page_has_each_member_with_its_default()
    {
        var page = Read("build/packaging/orthanc-response-cache.7").Replace(@"\(dq", "\"", StringComparison.Ordinal);
        var options = ManualOption().Matches(Between(page, ".SH CONFIGURATION", ".SH FILES"))
            .ToDictionary(m => m.Groups["name"].Value, m => m.Groups["value"].Value);
        options.Should().BeEquivalentTo(ConfigurationTable().ToDictionary(row => row.Key, row => row.Value.Trim('`')));
    }

    [Fact]
    public void The_table_in_the_readme_has_each_route()
    {
        var rows = Rows(Section(Read("README.md"), "## Routes"));
        Codes(rows.Single(r => r[0] == "patients, studies, series")[1]).Should().BeEquivalentTo(RouteTable.Parents.Select(r => r.Name));
        Codes(rows.Single(r => r[0] == "instances")[1]).Should().BeEquivalentTo(RouteTable.Instances.Select(r => r.Name + (r.HasTail ? "/{n}/*" : "")));
    }

    [Fact]
    public void Operations_has_each_line_of_the_log_with_its_level()
    {
        var log = new NumberLog();
        foreach (var method in typeof(LogMessages).GetMethods(BindingFlags.Public | BindingFlags.Static))
        {
            method.Invoke(null, [.. method.GetParameters().Select(p => p.ParameterType == typeof(ILog) ? log : Sample(p.ParameterType))]);
        }

        log.Lines.Count.Should().BeGreaterThan(20, "each method writes a line");
        Rows(Section(Read("docs/operations.md"), "## Log")).Where(r => r.Length == 4 && r[0].All(char.IsAsciiDigit)).Select(r => $"{r[0]} {r[1]}")
            .Should().BeEquivalentTo(log.Lines);
    }

    [Fact]
    public void Operations_has_each_detail_of_Cache_Status()
    {
        // Responses to errors are Orthanc's own and have no such header.
        var details = Enum.GetValues<CacheDetail>().Where(d => d is not (CacheDetail.None or CacheDetail.OriginError))
            .Select(d => Encoding.ASCII.GetString(new CacheOutcome(CacheResult.Miss, d).Header).TrimEnd('\0').Split("detail=")[1]);
        Rows(Section(Read("docs/operations.md"), "## Cache-Status")).Where(r => r.Length == 4 && IsCode(r[0])).Select(r => r[0].Trim('`'))
            .Should().BeEquivalentTo(details);
    }

    [Fact]
    public void Freshness_has_each_reason_for_leaving_tags_to_Orthanc() =>
        Rows(Section(Read("docs/freshness.md"), "## Tags")).Where(r => IsCode(r[0])).Select(r => r[0].Trim('`'))
            .Should().BeEquivalentTo(Enum.GetNames<NotDerived>());

    [Fact]
    public void Each_link_leads_to_a_file_and_to_a_heading()
    {
        var documents = Directory.GetFiles(Path.Combine(Root, "docs"), "*.md").Select(f => "docs/" + Path.GetFileName(f)).Prepend("README.md").ToArray();
        documents.Select(d => d.ToUpperInvariant()).Should().OnlyHaveUniqueItems("some file systems do not tell cases apart");
        var broken = new List<string>();
        var count = 0;
        foreach (var document in documents)
        {
            foreach (var link in Link().Matches(Read(document)).Select(m => m.Groups["target"].Value).Where(t => !t.Contains("://", StringComparison.Ordinal)))
            {
                count++;
                var parts = link.Split('#', 2);
                var target = parts[0].Length == 0 ? document : Path.GetRelativePath(Root, Path.Combine(Root, Path.GetDirectoryName(document)!, parts[0])).Replace('\\', '/');
                if (!File.Exists(Path.Combine(Root, target)) ? target != Picture : parts.Length == 2 && !Anchors(Read(target)).Contains(parts[1]))
                {
                    broken.Add($"{document}: {link}");
                }
            }
        }

        count.Should().BeGreaterThan(20);
        broken.Should().BeEmpty();
    }

    private static void ShouldBeDefault(string name, string json)
    {
        if (name == nameof(CacheOptions.Directory) && OperatingSystem.IsWindows())
        {
            return; // the documents name the one of Linux
        }

        using var configuration = JsonDocument.Parse($$"""{ "{{OptionsReader.Section}}" : { "{{name}}" : {{json}} } }""");
        var reader = new OptionsReader();
        var options = reader.Read(configuration.RootElement);
        reader.Problems.Should().BeEmpty();
        options.Should().BeEquivalentTo(new CacheOptions(), $"{json} is given as the default of {name}");
    }

    private static Dictionary<string, string> ConfigurationTable() =>
        Rows(Section(Read("README.md"), "## Configuration")).Where(r => IsCode(r[0])).ToDictionary(r => r[0].Trim('`'), r => r[1]);

    private static bool IsCode(string cell) => cell.StartsWith('`') && cell.EndsWith('`') && cell.Count(c => c == '`') == 2;

    private static IEnumerable<string> Codes(string cell) => cell.Split(", ").Select(c => c.Trim('`'));

    private static string[][] Rows(string text) =>
        [.. text.Split('\n').Where(l => l.StartsWith('|')).Select(l => l.Trim('|', '\r').Split('|', StringSplitOptions.TrimEntries))];

    /// <summary>From a heading to the next one of its level.</summary>
    private static string Section(string text, string heading) => Between(text + "\n## ", "\n" + heading + "\n", "\n## ");

    private static string Between(string text, string start, string end)
    {
        text = text.ReplaceLineEndings("\n");
        var from = text.IndexOf(start, StringComparison.Ordinal);
        from.Should().BeGreaterThanOrEqualTo(0, $"\"{start.Trim()}\" is there");
        var rest = text[(from + start.Length)..];
        return rest[..rest.IndexOf(end, StringComparison.Ordinal)];
    }

    /// <summary>As GitHub makes them of headings.</summary>
    private static IEnumerable<string> Anchors(string text) =>
        text.Split('\n').Where(l => l.StartsWith('#')).Select(l => string.Concat(
            l.TrimStart('#').Trim().ToLower(CultureInfo.InvariantCulture).Replace(' ', '-').Where(c => char.IsLetterOrDigit(c) || c is '-' or '_')));

    private static object Sample(Type type) =>
        type == typeof(string) ? "x" : Convert.ChangeType(1, type, CultureInfo.InvariantCulture);

    private static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "OrthancCachePlugin.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }

    [GeneratedRegex(@"^\.BR (?<name>\w+) "" \((?<value>.*)\)""$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex ManualOption();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    /// <summary>Keeps the numbers, with the first letter of the level.</summary>
    private sealed class NumberLog : ILog
    {
        public List<string> Lines { get; } = [];

        public void Write(LogLevel level, int number, string line)
        {
            line.Should().Contain(string.Create(CultureInfo.InvariantCulture, $"[{number}]"));
            Lines.Add(string.Create(CultureInfo.InvariantCulture, $"{number} {level.ToString()[0]}"));
        }
    }
}

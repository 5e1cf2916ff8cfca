using System.Text.Json.Nodes;
using OrthancCachePlugin.EndToEnd.Dicom;

namespace OrthancCachePlugin.EndToEnd.Failure;

/// <summary>The section <c>ResponseCache</c>: what a wrong value and a misspelt member do.</summary>
public sealed class ConfigurationTests
{
    private static readonly string Target = $"/studies/{OrthancId.Study(new DicomBuilder(1, 1, 1, 1))}/shared-tags";

    [Theory]
    [InlineData("Enable", "\"yes\"")]
    [InlineData("Directory", "5")]
    [InlineData("Directory", "\"\"")]
    [InlineData("MaximumSize", "\"big\"")]
    [InlineData("MaximumSize", "0")]
    [InlineData("MaximumSize", "-1")]
    [InlineData("MaximumSize", "1e30")]
    [InlineData("MemorySize", "0")]
    [InlineData("MemorySize", "[]")]
    [InlineData("ExpirationDays", "0")]
    [InlineData("ExpirationDays", "\"7\"")]
    [InlineData("ExpirationDays", "1000000000000")]
    [InlineData("CacheControl", "7")]
    [InlineData("CacheControl", "\"max-age=1\\r\\nX-Injected: 1\"")]
    [InlineData("WarmUp", "1")]
    [InlineData("WarmUpRoutes", "\"shared-tags\"")]
    [InlineData("WarmUpRoutes", "[\"nonsense\"]")]
    [InlineData("WarmUpRoutes", "[7]")]
    [InlineData("CacheBinaries", "null")]
    [InlineData("SharedDatabase", "\"true\"")]
    public void A_wrong_value_stops_the_start_with_one_line_that_names_the_member(string member, string value)
    {
        using var server = OrthancServer.Create(s =>
        {
            s.NameCacheDirectory = member != "Directory";
            s.Cache[member] = JsonNode.Parse(value);
        });

        var log = server.StartAndExpectEnd();

        server.ExitCode.Should().NotBe(0);
        Lines(log).Should().ContainSingle(l => l.Contains("Response cache [2") && l.Contains(member), "one line says what is wrong with {0}:\n{1}", member, log);
    }

    [Theory]
    [InlineData("MaximumSice")]
    [InlineData("enable")]
    [InlineData("TTL")]
    public void A_misspelt_member_is_a_warning(string member)
    {
        using var server = OrthancServer.Start(s => s.Cache[member] = 1);

        Lines(server.Log).Should().ContainSingle(l => l.StartsWith('W') && l.Contains("Response cache [2") && l.Contains(member));
        Plugins(server).Should().Contain("response-cache");
    }

    [Fact]
    public void A_section_that_is_no_object_stops_the_start()
    {
        using var server = OrthancServer.Create(s => s.Configuration["ResponseCache"] = "on");

        var log = server.StartAndExpectEnd();

        Lines(log).Should().ContainSingle(l => l.Contains("Response cache [2") && l.Contains("ResponseCache"), log);
    }

    [Fact]
    public void Disabled_it_registers_nothing_and_touches_no_directory()
    {
        using var server = OrthancServer.Start(s => s.Cache["Enable"] = false);
        server.Client.Post("/instances", new DicomBuilder(1, 1, 1, 1).Build("x"));

        var response = server.Client.Get(Target);

        response.Status.Should().Be(200);
        response.CacheStatus.Should().BeEmpty();
        response.ETag.Should().BeNull();
        Directory.Exists(server.CacheDirectory).Should().BeFalse();
    }

    [Fact]
    public void The_log_says_who_speaks_on_servers_that_show_it()
    {
        using var server = OrthancServer.Start();

        Until.True("the summary", () => server.Log.Contains("Response cache [100]: version ", StringComparison.Ordinal));
        server.Log.Contains("response-cache:/LogMessages.cs:100] Response cache [100]", StringComparison.Ordinal).Should().Be(server.IsAtLeast(1, 12, 4));
        server.Log.Should().NotContain("invoking unknown service", "an older server says so of what it does not know");
    }

    [Fact]
    public void The_directory_is_for_the_owner_only()
    {
        using var server = OrthancServer.Start();
        server.AwaitDiskCache();

        File.GetUnixFileMode(server.CacheDirectory).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void CacheControl_replaces_the_header_literally()
    {
        using var server = OrthancServer.Start(s => s.Cache["CacheControl"] = "private, max-age=17");
        server.Client.Post("/instances", new DicomBuilder(1, 1, 1, 1).Build("x"));

        Until.Some("validators", () => server.Client.Get(Target).ETag);

        server.Client.Get(Target)["Cache-Control"].Should().Be("private, max-age=17");
    }

    [Fact]
    public void ExpirationDays_shows_in_the_headers()
    {
        using var server = OrthancServer.Start(s => s.Cache["ExpirationDays"] = 2);
        server.Client.Post("/instances", new DicomBuilder(1, 1, 1, 1).Build("x"));

        var response = Until.Some("validators", () => server.Client.Get(Target) is { ETag: not null } a ? a : null);

        response["Cache-Control"].Should().Be("max-age=172800, s-maxage=172800, public, no-cache");
        response.Date("Expires").Should().Be(response.Date("Date")!.Value.AddDays(2));
    }

    [Fact]
    public void Without_a_section_the_defaults_are_used_and_a_directory_that_cannot_be_made_is_no_obstacle()
    {
        // The default directory belongs to Debian's package; this test must neither use nor change it, so it runs as a user who cannot.
        using var server = OrthancServer.Start(s =>
        {
            s.User = "nobody";
            s.NameCacheDirectory = false;
            s.Cache.Clear();
        });
        server.Client.Post("/instances", new DicomBuilder(1, 1, 1, 1).Build("x"));

        server.Client.Get(Target).Status.Should().Be(200);
    }

    private static string[] Lines(string log) => log.Split('\n');

    private static List<string> Plugins(OrthancServer server) => [.. server.Client.GetJson("/plugins").AsArray().Select(n => n!.GetValue<string>())];
}

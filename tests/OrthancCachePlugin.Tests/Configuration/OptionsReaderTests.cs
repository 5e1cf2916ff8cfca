using System.Text.Json;
using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Tests.Configuration;

public sealed class OptionsReaderTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("{ \"ResponseCache\" : {} }")]
    public void Without_a_word_the_defaults_hold(string json)
    {
        var options = Read(json, out var problems);
        problems.Should().BeEmpty();
        options.Should().BeEquivalentTo(new CacheOptions());
        options.MaximumSize.Should().Be(1024);
        options.ExpirationDays.Should().Be(7);
    }

    [Fact]
    public void Each_member_is_read()
    {
        const string Json = """
            { "ResponseCache" : {
              "Enable" : false, "Directory" : "/tmp/x", "MaximumSize" : 128, "MemorySize" : 32, "ExpirationDays" : 1,
              "CacheControl" : " no-store ", "WarmUp" : false, "WarmUpRoutes" : [ "shared-tags?short&simplify=1", "attachments", "attachments" ],
              "WarmUpThreads" : 2, "Archives" : true, "CacheBinaries" : true, "SharedDatabase" : true,
              "ExcludedRoutes" : [ "instances/file", "studies/archive", "instances/frames/{n}/*", "instances/file" ] } }
            """;
        Read(Json, out var problems).Should().BeEquivalentTo(new CacheOptions
        {
            Enable = false,
            Directory = "/tmp/x",
            MaximumSize = 128,
            MemorySize = 32,
            ExpirationDays = 1,
            CacheControl = "no-store",
            WarmUp = false,
            WarmUpRoutes = ["shared-tags?short&simplify=1", "attachments"],
            WarmUpThreads = 2,
            Archives = true,
            CacheBinaries = true,
            SharedDatabase = true,
            ExcludedRoutes = ["instances/file", "studies/archive", "instances/frames/{n}/*"],
        });
        problems.Should().BeEmpty();
    }

    [Theory]
    [InlineData("\"auto\"", null)]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void Archives_are_automatic_on_or_off(string value, bool? archives)
    {
        Read($"{{ \"ResponseCache\" : {{ \"Archives\" : {value} }} }}", out var problems).Archives.Should().Be(archives);
        problems.Should().BeEmpty();
    }

    [Theory]
    [InlineData("\"instances/file\"")]
    [InlineData("[ 1 ]")]
    [InlineData("[ \"file\" ]")]
    [InlineData("[ \"/instances/file\" ]")]
    [InlineData("[ \"studies/file\" ]")]
    [InlineData("[ \"instances/frames/0/raw\" ]")]
    [InlineData("[ \"instances/file\", \"Instances/File\" ]")]
    [InlineData("null")]
    public void Regression_an_excluded_route_is_one_of_the_table(string value)
    {
        Read($"{{ \"ResponseCache\" : {{ \"ExcludedRoutes\" : {value} }} }}", out var problems).ExcludedRoutes.Should().BeEmpty();

        problems.Should().ContainSingle().Which.Should().Match<ConfigurationProblem>(p =>
            p.IsError && p.Text.StartsWith("\"ResponseCache.ExcludedRoutes\" must be a list of routes out of patients/archive, ", StringComparison.Ordinal)
            && p.Text.Contains("instances/file, instances/frames, instances/frames/{n}/*, ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"ExcludedRoutes\" : [ \"studies/shared-tags\", \"series/shared-tags\", \"studies/archive\" ], \"WarmUpRoutes\" : [ \"shared-tags?short\", \"attachments\" ]",
        "\"ResponseCache.WarmUpRoutes\" names shared-tags?short, which is not warmed up where it is excluded: studies/shared-tags, series/shared-tags")]
    [InlineData("\"ExcludedRoutes\" : [ \"studies/shared-tags\" ]", null)]
    [InlineData("\"ExcludedRoutes\" : [ \"studies/archive\" ], \"WarmUpRoutes\" : [ \"shared-tags\" ]", null)]
    public void Warming_up_what_is_excluded_is_a_warning_where_it_was_asked_for(string members, string? warning)
    {
        Read($"{{ \"ResponseCache\" : {{ {members} }} }}", out var problems);

        problems.Should().BeEquivalentTo(warning is null ? Array.Empty<ConfigurationProblem>() : [new ConfigurationProblem(false, warning)]);
    }

    [Fact]
    public void What_is_excluded_is_not_warmed_up()
    {
        var routes = new OrthancCachePlugin.Core.WarmUp.WarmUpRoutes(["shared-tags", "instances-tags?short"], ["studies/shared-tags", "instances/tags"]);

        routes.Of(OrthancCachePlugin.Core.Routing.ResourceLevel.Study).Select(r => r.Text).Should().Equal("instances-tags?short");
        routes.Of(OrthancCachePlugin.Core.Routing.ResourceLevel.Series).Select(r => r.Text).Should().Equal("shared-tags", "instances-tags?short");
        routes.Of(OrthancCachePlugin.Core.Routing.ResourceLevel.Instance).Should().BeEmpty();
    }

    [Theory]
    [InlineData("\"Enable\" : \"yes\"", "Enable", "true or false")]
    [InlineData("\"Enable\" : 1", "Enable", "true or false")]
    [InlineData("\"WarmUp\" : null", "WarmUp", "true or false")]
    [InlineData("\"CacheBinaries\" : []", "CacheBinaries", "true or false")]
    [InlineData("\"SharedDatabase\" : \"true\"", "SharedDatabase", "true or false")]
    [InlineData("\"Directory\" : \"\"", "Directory", "path of a directory")]
    [InlineData("\"Directory\" : 5", "Directory", "path of a directory")]
    [InlineData("\"Directory\" : \"a\\u0000b\"", "Directory", "path of a directory")]
    [InlineData("\"MaximumSize\" : 63", "MaximumSize", "from 64 to 1048576 (MiB)")]
    [InlineData("\"MaximumSize\" : 1048577", "MaximumSize", "from 64 to 1048576 (MiB)")]
    [InlineData("\"MaximumSize\" : 99999999999", "MaximumSize", "from 64 to 1048576 (MiB)")]
    [InlineData("\"MaximumSize\" : 100.5", "MaximumSize", "whole number")]
    [InlineData("\"MaximumSize\" : \"1024\"", "MaximumSize", "whole number")]
    [InlineData("\"MemorySize\" : 31", "MemorySize", "from 32 to 32768 (MiB)")]
    [InlineData("\"MemorySize\" : 600", "MemorySize", "at most half of MaximumSize")]
    [InlineData("\"ExpirationDays\" : 0", "ExpirationDays", "from 1 to 3650 (days)")]
    [InlineData("\"ExpirationDays\" : 3651", "ExpirationDays", "from 1 to 3650 (days)")]
    [InlineData("\"CacheControl\" : 5", "CacheControl", "printable ASCII")]
    [InlineData("\"CacheControl\" : \"a\\r\\nSet-Cookie: x\"", "CacheControl", "printable ASCII")]
    [InlineData("\"CacheControl\" : \"a\\u0000\"", "CacheControl", "printable ASCII")]
    [InlineData("\"CacheControl\" : \"\u00e4\"", "CacheControl", "printable ASCII")]
    [InlineData("\"WarmUpThreads\" : 0", "WarmUpThreads", "from 1 to 16 (threads)")]
    [InlineData("\"WarmUpThreads\" : 17", "WarmUpThreads", "from 1 to 16 (threads)")]
    [InlineData("\"WarmUpRoutes\" : \"shared-tags\"", "WarmUpRoutes", "list of routes")]
    [InlineData("\"WarmUpRoutes\" : [ \"archive\" ]", "WarmUpRoutes", "list of routes")]
    [InlineData("\"Archives\" : \"yes\"", "Archives", "must be \"auto\", true or false")]
    [InlineData("\"Archives\" : 1", "Archives", "must be \"auto\", true or false")]
    [InlineData("\"WarmUpRoutes\" : [ \"shared-tags?nothing\" ]", "WarmUpRoutes", "list of routes")]
    [InlineData("\"WarmUpRoutes\" : [ 5 ]", "WarmUpRoutes", "list of routes")]
    [InlineData("\"WarmUpRoutes\" : [ null ]", "WarmUpRoutes", "list of routes")]
    public void A_wrong_value_is_an_error_that_names_the_member_and_what_it_takes(string member, string name, string takes)
    {
        Read($"{{ \"ResponseCache\" : {{ {member} }} }}", out var problems);
        problems.Should().ContainSingle().Which.Should().Match<ConfigurationProblem>(p =>
            p.IsError && p.Text.StartsWith($"\"ResponseCache.{name}\" ") && p.Text.Contains(takes));
    }

    [Theory]
    [InlineData("Maximumsize", "did you mean \"MaximumSize\"?")]
    [InlineData("MaxSize", null)]
    [InlineData("ExpirationDay", "did you mean \"ExpirationDays\"?")]
    [InlineData("warmup", "did you mean \"WarmUp\"?")]
    [InlineData("Enabled", "did you mean \"Enable\"?")]
    [InlineData("Archive", "did you mean \"Archives\"?")]
    [InlineData("SomethingElse", null)]
    [InlineData("a\\nb", null)]
    public void A_misspelt_member_is_a_warning_with_a_guess(string name, string? hint)
    {
        var options = Read($"{{ \"ResponseCache\" : {{ \"{name}\" : true }} }}", out var problems);
        var problem = problems.Should().ContainSingle().Subject;
        problem.IsError.Should().BeFalse();
        problem.Text.Should().NotContain("\n");
        problem.Text.Contains("did you mean").Should().Be(hint is not null);
        problem.Text.Should().Contain(hint ?? "is not an option and is ignored");
        options.Should().BeEquivalentTo(new CacheOptions());
    }

    [Fact]
    public void Regression_who_only_makes_the_cache_small_says_nothing_wrong()
    {
        Read("{ \"ResponseCache\" : { \"MaximumSize\" : 100 } }", out var problems).MemorySize.Should().Be(50);
        problems.Should().BeEmpty();
    }

    [Fact]
    public void A_section_that_is_no_object_is_an_error()
    {
        Read("{ \"ResponseCache\" : true }", out var problems);
        problems.Should().ContainSingle().Which.IsError.Should().BeTrue();
    }

    private static CacheOptions Read(string json, out IReadOnlyList<ConfigurationProblem> problems)
    {
        using var document = JsonDocument.Parse(json);
        var reader = new OptionsReader();
        var options = reader.Read(document.RootElement);
        problems = reader.Problems;
        reader.HasErrors.Should().Be(problems.Any(p => p.IsError));
        return options;
    }
}

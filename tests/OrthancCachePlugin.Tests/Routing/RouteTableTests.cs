using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Routing;

public sealed class RouteTableTests
{
    private static readonly Regex[] Expressions =
        [.. RouteTable.RegularExpressions.Select(e => new Regex($"\\A(?:{e})\\z", RegexOptions.Singleline, TimeSpan.FromSeconds(5)))];

    private static readonly string[] Pieces =
    [
        "", "patients", "studies", "series", "instances", "archive", "attachments", "instances-tags", "media", "shared-tags", "file", "frames",
        "header", "metadata", "pdf", "preview", "raw", "simplified-tags", "tags", "0", "image-uint8", "x", "Archive", "frames ", "modify", "\n",
    ];

    [Fact]
    public void Matches_exactly_what_the_regular_expressions_match()
    {
        var paths = Gen.Elements(Pieces).ListOf().Where(l => l.Count < 8).Select(l => "/" + string.Join('/', l))
            .Or(from level in Gen.Elements("patients", "studies", "series", "instances")
                from tail in Gen.Elements(Pieces).ListOf().Where(l => l.Count < 5)
                select $"/{level}/{string.Join('/', tail.Prepend("id"))}")
            .ToArbitrary();

        Properties.Hold(Prop.ForAll(paths, path =>
        {
            var matches = RouteTable.TryMatch(Encoding.UTF8.GetBytes(path), out var match);
            matches.Should().Be(Array.Exists(Expressions, e => e.IsMatch(path)), "of \"{0}\"", path);
            if (matches)
            {
                var rebuilt = $"/{Encoding.UTF8.GetString(ResourceLevels.PathOf(match.Level))}/{Encoding.UTF8.GetString(match.Id)}/{match.Route.Name}";
                (match.Tail.IsEmpty ? rebuilt : $"{rebuilt}/{Encoding.UTF8.GetString(match.Tail)}").Should().Be(path);
            }
        }), 5000);
    }

    [Theory]
    [InlineData("patients", "archive attachments instances-tags media shared-tags")]
    [InlineData("studies", "archive attachments instances-tags media shared-tags")]
    [InlineData("series", "archive attachments instances-tags media shared-tags")]
    [InlineData("instances", "attachments file frames frames/0/preview frames/3/raw header metadata pdf preview raw simplified-tags tags")]
    public void Every_route_of_the_mission_is_there(string level, string routes)
    {
        foreach (var route in routes.Split(' '))
        {
            RouteTable.TryMatch(Encoding.ASCII.GetBytes($"/{level}/x/{route}"), out _).Should().BeTrue("of {0}", route);
        }
    }

    [Theory]
    [InlineData("/instances/x/frames/0")]
    [InlineData("/instances/x/frames/")]
    [InlineData("/instances/x/frames//raw")]
    [InlineData("/patients//archive")]
    [InlineData("/patients/x/archive/")]
    [InlineData("/patients/x/archive/y")]
    [InlineData("/patients/x/tags")]
    [InlineData("/instances/x/archive")]
    [InlineData("/")]
    [InlineData("")]
    public void What_stays_in_the_origin_is_not_matched(string path) =>
        RouteTable.TryMatch(Encoding.ASCII.GetBytes(path), out _).Should().BeFalse();

    [Fact]
    public void Codes_are_unique_and_what_stored_keys_hold()
    {
        RouteTable.Parents.Concat(RouteTable.Instances).Select(r => r.Code).Should().OnlyHaveUniqueItems();
        RouteTable.Parents.Select(r => $"{r.Code} {r.Name}").Should().Equal(
            "1 archive", "2 attachments", "3 instances-tags", "4 media", "5 shared-tags");
        RouteTable.Instances.Select(r => $"{r.Code} {r.Name}").Should().Equal(
            "20 attachments", "21 file", "22 frames", "23 frames", "24 header", "25 metadata", "26 pdf", "27 preview", "28 raw",
            "29 simplified-tags", "30 tags");
    }

    [Fact]
    public void An_excluded_route_matches_no_expression_and_all_others_match_one()
    {
        foreach (var excluded in RouteTable.Names)
        {
            Regex[] expressions = [.. RouteTable.Expressions([excluded]).Select(e => new Regex($"\\A(?:{e})\\z", RegexOptions.Singleline, TimeSpan.FromSeconds(5)))];
            foreach (var name in RouteTable.Names)
            {
                var slash = name.IndexOf('/', StringComparison.Ordinal);
                var path = $"/{name[..slash]}/id{name[slash..]}".Replace("{n}/*", "0/raw", StringComparison.Ordinal);
                expressions.Count(e => e.IsMatch(path)).Should().Be(name == excluded ? 0 : 1, path);
            }
        }

        RouteTable.Expressions([.. RouteTable.Names]).Should().BeEmpty();
        RouteTable.Expressions([]).Should().BeSameAs(RouteTable.RegularExpressions);
    }
}

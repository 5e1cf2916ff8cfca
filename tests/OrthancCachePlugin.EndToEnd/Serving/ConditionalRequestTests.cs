using System.Globalization;
using OrthancCachePlugin.EndToEnd.Comparison;

namespace OrthancCachePlugin.EndToEnd.Serving;

/// <summary>RFC 9110 section 13, over the wire.</summary>
public sealed class ConditionalRequestTests(CacheServers servers) : IClassFixture<CacheServers>
{
    private static readonly string[] Routes =
        ["/studies/{study}/shared-tags", "/patients/{patient}/attachments", "/studies/{study}/archive", "/instances/{instance}/tags", "/instances/{instance}/metadata?expand", "/instances/{instance}/file"];

    public static TheoryData<string, string, int> Tags()
    {
        var data = new TheoryData<string, string, int>();
        foreach (var route in Routes)
        {
            foreach (var (value, status) in new[]
            {
                ("{tag}", 304), ("W/{tag}", 304), ("\"x\", {tag}", 304), ("\"x\",{tag},\"y\"", 304), (" , {tag} ,, ", 304), ("\"a,b\", {tag}", 304), ("*", 304), ("{opaque}", 304),
                ("\"x\"", 200), ("W/\"x\"", 200), ("\"\"", 200), ("", 200), ("\"x", 200), ("\"{opaque}x\"", 200), (",", 200), ("\"x\" \"y\"", 200), ("{tag-upper}x", 200),
            })
            {
                data.Add(route, value, status);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Tags))]
    public void If_None_Match_takes_lists_weak_tags_any_and_unquoted_tags(string template, string value, int status)
    {
        var target = servers.Target(template);
        var full = servers.Validated(target);
        var strong = full.ETag!.StartsWith("W/", StringComparison.Ordinal) ? full.ETag[2..] : full.ETag;
        var header = value.Replace("{tag-upper}", strong.ToUpperInvariant(), StringComparison.Ordinal).Replace("{tag}", strong, StringComparison.Ordinal)
            .Replace("{opaque}", strong.Trim('"'), StringComparison.Ordinal);

        var response = servers.Ours.Client.Get(target, ("If-None-Match", header));

        response.Status.Should().Be(status, $"If-None-Match: {header}");
        (response.Body.Length == 0).Should().Be(status == 304);
    }

    public static TheoryData<string, string, int> Dates()
    {
        var data = new TheoryData<string, string, int>();
        foreach (var route in Routes)
        {
            foreach (var (value, status) in new[]
            {
                ("r+0", 304), ("r+1", 304), ("r-1", 200), ("r-100000", 200), ("rfc850+0", 304), ("asctime+0", 304), ("rfc850-60", 200), ("asctime-60", 200),
                ("nonsense", 200), ("", 200), ("0", 200), ("1676905200", 200), ("Mon, 31 Feb 2099 15:00:00 GMT", 200), ("2099-01-01T00:00:00Z", 200),
            })
            {
                data.Add(route, value, status);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Dates))]
    public void If_Modified_Since_takes_all_three_forms_of_a_date_and_ignores_what_is_none(string template, string value, int status)
    {
        var target = servers.Target(template);
        var modified = servers.Validated(target).LastModified!.Value;

        var response = servers.Ours.Client.Get(target, ("If-Modified-Since", Form(modified, value)));

        response.Status.Should().Be(status, $"If-Modified-Since: {Form(modified, value)} for {modified:r}");
    }

    [Fact]
    public void If_None_Match_wins_over_If_Modified_Since()
    {
        foreach (var target in Routes.Select(r => servers.Target(r)))
        {
            var full = servers.Validated(target);
            var old = full.LastModified!.Value.AddDays(-1).ToString("r", CultureInfo.InvariantCulture);

            servers.Ours.Client.Get(target, ("If-None-Match", "\"x\""), ("If-Modified-Since", full["Last-Modified"]!)).Status.Should().Be(200);
            servers.Ours.Client.Get(target, ("If-None-Match", full.ETag!), ("If-Modified-Since", old)).Status.Should().Be(304);
        }
    }

    [Fact]
    public void A_tag_of_another_representation_is_not_the_one()
    {
        var target = servers.Target("/studies/{study}/shared-tags");
        var json = servers.Validated(target).ETag!;
        var xml = servers.Validated(target, ("Accept", "application/xml")).ETag!;

        servers.Ours.Client.Get(target, ("If-None-Match", xml)).Status.Should().Be(200);
        servers.Ours.Client.Get(target, ("If-None-Match", json), ("Accept", "application/xml")).Status.Should().Be(200);
        servers.Ours.Client.Get(target + "?simplify", ("If-None-Match", json)).Status.Should().Be(200);
    }

    [Fact]
    public void A_304_is_given_for_the_coding_that_a_200_to_the_same_request_would_have()
    {
        string[] codings = ["", "identity", "gzip", "deflate", "zstd", "gzip, deflate, br, zstd", "zstd;q=0, *", "*;q=0", "identity;q=0", "gzip;q=0"];
        string[] routes = [.. Routes, "/patients/{patient}/instances-tags", "/series/{series}/instances-tags?short"];
        foreach (var target in routes.Select(r => servers.Target(r)))
        {
            servers.Validated(target);
            HttpResponse Get(string coding, params (string, string)[] headers) =>
                servers.Ours.Client.Get(target, coding.Length == 0 ? headers : [("Accept-Encoding", coding), .. headers]);
            // The gzip variant is made behind a response.
            var full = codings.ToDictionary(c => c, c => Until.Some($"{target} settles for {c}", () => Get(c) is var one && Get(c) is var two && one.ETag == two.ETag ? two : null));
            foreach (var tag in full.Values.Select(f => f.ETag!).Distinct())
            {
                foreach (var coding in codings)
                {
                    var (response, oracle) = Until.Some($"{target} stays for {coding}", () =>
                        Get(coding) is var before && Get(coding, ("If-None-Match", tag)) is var between && Get(coding) is var after && before.ETag == after.ETag
                            ? Tuple.Create(between, after) : null);

                    var strong = tag.Replace("W/", "", StringComparison.Ordinal);
                    response.Status.Should().Be(oracle.ETag!.Replace("W/", "", StringComparison.Ordinal) == strong ? 304 : 200, $"{target}, Accept-Encoding: {coding}, If-None-Match: {tag}; a 200 carries {oracle.ETag}");
                    response.ETag.Should().Be(oracle.ETag);
                    response["Vary"].Should().Be("Accept, Accept-Encoding");
                }
            }
        }
    }

    [Theory]
    [InlineData("If-None-Match", "*")]
    [InlineData("If-None-Match", "\"x\"")]
    [InlineData("If-Modified-Since", "Mon, 20 Feb 2099 15:00:00 GMT")]
    public void What_is_not_there_is_a_404_whatever_the_condition(string name, string value)
    {
        string[] targets =
        [
            "/studies/00000000-00000000-00000000-00000000-00000000/shared-tags", "/instances/00000000-00000000-00000000-00000000-00000000/file",
            "/studies/nonsense/archive", servers.Target("/series/{study}/shared-tags"), servers.Target("/instances/{instance}/frames/7/raw"), servers.Target("/instances/{instance}/pdf"),
        ];
        foreach (var target in targets)
        {
            var bare = servers.Bare.Client.Get(target);

            servers.Ours.Client.Get(target, (name, value)).Status.Should().Be(bare.Status, target);
            ResponseComparison.WithoutDetails(servers.Ours.Client.Get(target, (name, value)).Body).Should()
                .Be(ResponseComparison.WithoutDetails(bare.Body), target);
        }
    }

    [Fact]
    public void Conditions_on_other_methods_reach_the_origin_unharmed()
    {
        var target = servers.Target("/studies/{study}/archive");
        var tag = servers.Validated(target).ETag!;

        servers.Ours.Client.Send("POST", target, "{}"u8.ToArray(), ("If-None-Match", tag)).Status.Should().Be(200);
    }

    [Fact]
    public void A_304_does_not_wait_for_a_response_to_be_stored()
    {
        var target = servers.Target("/patients/{patient}/instances-tags?short");

        var any = servers.Ours.Client.Get(target, ("If-None-Match", "*"));
        any.Status.Should().Be(304);
        servers.Ours.Client.Get(target, ("If-None-Match", any.ETag!)).Status.Should().Be(304);
        servers.Ours.Client.Get(target).ETag.Should().Be(any.ETag);
    }

    private static string Form(DateTimeOffset date, string value)
    {
        var sign = value.LastIndexOfAny(['+', '-']);
        if (sign < 0 || !int.TryParse(value[sign..], CultureInfo.InvariantCulture, out var seconds))
        {
            return value;
        }

        var at = date.AddSeconds(seconds);
        return value[..sign] switch
        {
            "r" => at.ToString("r", CultureInfo.InvariantCulture),
            "rfc850" => at.ToString("dddd, dd-MMM-yy HH:mm:ss 'GMT'", CultureInfo.InvariantCulture),
            "asctime" => at.ToString("ddd MMM ", CultureInfo.InvariantCulture) + at.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2) + at.ToString(" HH:mm:ss yyyy", CultureInfo.InvariantCulture),
            _ => value,
        };
    }
}

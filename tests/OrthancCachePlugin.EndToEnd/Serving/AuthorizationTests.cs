using System.Text;
using System.Text.Json.Nodes;
using OrthancCachePlugin.EndToEnd.Dicom;

namespace OrthancCachePlugin.EndToEnd.Serving;

/// <summary>A client that Orthanc denies gets nothing from the cache either, and what it may not share is private.</summary>
public sealed class AuthorizationTests
{
    private const string Secret = "very-secret-token-4711";
    private static readonly DicomBuilder File1 = new(1, 1, 1, 1);
    private static readonly string Target = $"/studies/{OrthancId.Study(File1)}/shared-tags";

    [Fact]
    public void Without_credentials_there_is_no_hit_no_304_and_no_validator()
    {
        using var server = WithUsers();
        var known = Hit(server);
        server.Client.DefaultHeaders.Clear();

        HttpResponse[] responses =
        [
            server.Client.Get(Target), server.Client.Get(Target, ("If-None-Match", known.ETag!)), server.Client.Get(Target, ("If-None-Match", "*")),
            server.Client.Get(Target, ("If-Modified-Since", known["Last-Modified"]!)), server.Client.Get(Target, ("Authorization", Basic("alice", "wrong"))),
        ];

        foreach (var response in responses)
        {
            response.Status.Should().Be(401);
            response.ETag.Should().BeNull();
            response.CacheStatus.Should().BeEmpty();
            response.Text.Should().NotContain("PatientID");
        }
    }

    [Fact]
    public void With_authentication_the_response_is_private()
    {
        using var server = WithUsers();

        var control = Hit(server)["Cache-Control"]!;

        control.Should().Be("max-age=604800, private, no-cache");
    }

    [Fact]
    public void A_filter_denies_hits_and_304s_too()
    {
        using var server = OrthancServer.Start(s => s.Lua = """
            function IncomingHttpRequestFilter(method, uri, ip, username, httpHeaders)
              return httpHeaders['x-deny'] == nil
            end
            """);
        Upload(server);
        var known = Hit(server);

        foreach (var response in (HttpResponse[])
        [
            server.Client.Get(Target, ("X-Deny", "1")), server.Client.Get(Target, ("X-Deny", "1"), ("If-None-Match", known.ETag!)), server.Client.Get(Target, ("X-Deny", "1"), ("If-None-Match", "*")),
        ])
        {
            response.Status.Should().Be(403);
            response.ETag.Should().BeNull();
            response.Text.Should().NotContain("PatientID");
        }

        server.Client.Get(Target).IsHit.Should().BeTrue();
    }

    [Theory]
    [InlineData("token")]
    [InlineData("auth-token")]
    [InlineData("authorization")]
    [InlineData("access_token")]
    public void A_token_is_in_no_file_and_no_log(string argument)
    {
        using var server = OrthancServer.Start();
        Upload(server);
        Until.True("it is stored", () => server.Client.Get($"{Target}?simplify&{argument}={Secret}", ("Authorization", "Bearer " + Secret), ("X-Token", Secret)).IsHit);
        server.Stop();

        server.Log.Should().NotContain(Secret);
        foreach (var file in Directory.EnumerateFiles(server.CacheDirectory, "*", SearchOption.AllDirectories))
        {
            File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.ASCII.GetBytes(Secret)).Should().Be(-1, file);
            File.GetUnixFileMode(file).Should().NotHaveFlag(UnixFileMode.GroupRead).And.NotHaveFlag(UnixFileMode.OtherRead);
        }
    }

    private static OrthancServer WithUsers()
    {
        var server = OrthancServer.Start(s =>
        {
            s.Configuration["AuthenticationEnabled"] = true;
            s.Configuration["RegisteredUsers"] = new JsonObject { ["alice"] = "wonderland" };
        });
        server.Client.DefaultHeaders.Add(new("Authorization", Basic("alice", "wonderland")));
        Upload(server);
        return server;
    }

    private static void Upload(OrthancServer server) => server.Client.Post("/instances", File1.Build("x")).Status.Should().Be(200);

    private static HttpResponse Hit(OrthancServer server) => Until.Some("a hit", () => server.Client.Get(Target) is { IsHit: true } response ? response : null);

    private static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
}

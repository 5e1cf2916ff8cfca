using System.Net;
using System.Net.Sockets;
using System.Text;
using OrthancCachePlugin.EndToEnd.Comparison;
using OrthancCachePlugin.EndToEnd.Dicom;
using OrthancCachePlugin.EndToEnd.Failure;

namespace OrthancCachePlugin.EndToEnd.Archives;

/// <summary>Archives that are written while they are read, beside those of Orthanc itself.</summary>
public sealed class ArchiveTests(ArchiveServers servers) : IClassFixture<ArchiveServers>
{
    private static readonly string[] Levels = ["patients", "studies", "series"];

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "?filename=a%22b%0d%0ac.zip")]
    [InlineData("GET", "?transcode=1.2.840.10008.1.2.4.70")]
    [InlineData("GET", "?transcode=9.9")]
    [InlineData("GET", "?unknown=1")]
    [InlineData("POST", "{}")]
    [InlineData("POST", "{\"Synchronous\":true,\"Filename\":\"mine.zip\"}")]
    [InlineData("POST", "{\"Transcode\":\"1.2.840.10008.1.2.4.70\"}")]
    public void Are_those_of_Orthanc_by_name_order_and_content(string method, string what)
    {
        var differences = new List<string>();
        foreach (var level in Levels)
        {
            foreach (var id in servers.Ids(level))
            {
                var target = $"/{level}/{id}/archive{(method == "GET" ? what : "")}";
                var body = method == "GET" ? null : Encoding.UTF8.GetBytes(what);
                var (ours, bare) = (servers.Ours.Client.Send(method, target, body), servers.Bare.Client.Send(method, target, body));
                if (ResponseComparison.Difference(target + what, ours, bare) is { } difference)
                {
                    differences.Add($"{method} {target}: {difference}");
                }
            }
        }

        Differences.AssertNone(differences, servers.Ours);
    }

    [Fact]
    public void Are_made_here_where_the_server_can_stream_and_left_to_Orthanc_where_it_cannot()
    {
        foreach (var level in Levels)
        {
            var target = $"/{level}/{servers.Ids(level)[0]}/archive";
            var response = servers.Ours.Client.Get(target);
            (response.ETag is not null).Should().Be(servers.IsStreaming);
            if (servers.IsStreaming)
            {
                response["Content-Length"].Should().BeNull("it was not complete when it began");
                var again = servers.Ours.Client.Get(target, ("If-None-Match", response.ETag!));
                again.Status.Should().Be(304);
                servers.Ours.Client.Get(target, ("If-Modified-Since", response["Last-Modified"]!)).Status.Should().Be(304);
            }
            else
            {
                response.CacheStatus.Should().BeNullOrEmpty();
            }
        }
    }

    [Fact]
    public void Twenty_at_once_are_all_whole()
    {
        var study = servers.Ids("patients").MaxBy(id => servers.Bare.Client.GetJson($"/patients/{id}/statistics")["CountInstances"]!.GetValue<int>())!;
        var target = $"/patients/{study}/archive";
        var truth = servers.Bare.Client.Get(target);
        var all = new HttpResponse[20];

        Parallel.For(0, all.Length, new ParallelOptions { MaxDegreeOfParallelism = all.Length }, i => all[i] = servers.Ours.Client.Get(target));

        all.Select(r => ResponseComparison.Difference(target, r, truth)).Should().AllSatisfy(d => d.Should().BeNull());
    }

    [Theory]
    [InlineData("media")]
    [InlineData("media?extended&transcode=1.2.840.10008.1.2&filename=a%26b.zip")]
    public void Media_that_are_larger_than_the_memory_for_archives_are_elsewhere(string route)
    {
        using var large = new StorageServers();
        var instance = large.Upload(new DicomBuilder(1, 1, 1, 1).BuildWithPixels("large", new byte[300 << 20]))!;
        var study = large.Bare.Client.GetJson($"/instances/{instance}/study")["ID"]!.GetValue<string>();

        var response = large.Ours.Client.Get($"/studies/{study}/{route}");

        if (large.Ours.IsAtLeast(1, 12, 4))
        {
            response.Status.Should().Be(307);
            response["Location"].Should().StartWith($"../../tools/create-media{(route.Contains('?', StringComparison.Ordinal) ? "-extended" : "")}?resources={study}");
            var elsewhere = large.Ours.Client.Get(response["Location"]![5..]);
            elsewhere.Status.Should().Be(200);
            ZipListing.IsBroken(elsewhere.Body).Should().BeFalse();
        }
        else
        {
            response.Status.Should().Be(500);
            response.Text.Should().Contain("300 MiB").And.Contain("Asynchronous");
        }

        large.Ours.AssertHealthy();
    }

    [Fact]
    public void A_client_that_leaves_is_forgotten()
    {
        var target = $"/patients/{servers.Ids("patients")[0]}/archive";
        for (var i = 0; i < 20; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, servers.Ours.HttpPort);
            socket.Send(Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
            socket.Close(0);
        }

        ResponseComparison.Difference(target, servers.Ours.Client.Get(target), servers.Bare.Client.Get(target)).Should().BeNull();
        servers.Ours.AssertHealthy();
    }
}

/// <summary>Archives that do not come to their end.</summary>
public sealed class BrokenArchiveTests
{
    private static readonly string Study = $"/studies/{OrthancId.Study(StorageServers.First)}/archive";

    [Fact]
    public void Regression_an_archive_that_was_broken_off_is_never_confirmed_not_even_after_a_restart()
    {
        using var servers = new StorageServers(s => s.Cache.Remove("Archives")).WithTwo();
        servers.Ours.AwaitDiskCache();
        if (!servers.Ours.IsAtLeast(1, 12, 6))
        {
            servers.Ours.Client.Get(Study).CacheStatus.Should().BeNullOrEmpty("it is Orthanc's");
            return;
        }

        var whole = Until.Some("it has a tag", () => servers.Ours.Client.Get(Study) is { ETag: not null } response ? response : null);
        HttpResponse broken;
        using (servers.Without(OrthancId.Instance(StorageServers.Second)))
        {
            servers.Ours.Client.Get(Study, ("If-None-Match", whole.ETag!)).Status.Should().Be(304, "nothing is read for it");
            broken = servers.Ours.Client.Get(Study);
            ZipListing.IsBroken(broken.Body).Should().BeTrue("a ZIP without its directory is none");
        }

        AssertUnconfirmable(servers, broken);
        servers.Ours.Restart();
        servers.Ours.AwaitDiskCache();
        AssertUnconfirmable(servers, broken);
    }

    [Fact]
    public void Regression_an_archive_whose_server_was_killed_half_way_is_never_confirmed()
    {
        using var servers = new StorageServers(s => s.Cache.Remove("Archives"));
        for (var i = 0; i < 40; i++)
        {
            servers.Upload(new DicomBuilder(1, 1, 1, i + 1).Build(new string((char)('a' + (i % 26)), 60_000)));
        }

        servers.Settled();
        servers.Ours.AwaitDiskCache();
        if (!servers.Ours.IsAtLeast(1, 12, 6))
        {
            return;
        }

        var whole = Until.Some("it has a tag", () => servers.Ours.Client.Get(Study) is { ETag: not null } response ? response : null);
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 })
        {
            socket.Connect(IPAddress.Loopback, servers.Ours.HttpPort);
            socket.Send(Encoding.ASCII.GetBytes($"GET {Study} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
            socket.Receive(new byte[100]).Should().BePositive();
            servers.Ours.Kill();
        }

        servers.Ours.StartProcess();
        servers.Ours.AwaitDiskCache();
        AssertUnconfirmable(servers, whole);
    }

    private static void AssertUnconfirmable(StorageServers servers, HttpResponse broken)
    {
        for (var turn = 0; turn < 3; turn++)
        {
            var response = servers.Ours.Client.Get(Study, ("If-None-Match", broken.ETag ?? "\"none\""));
            response.Status.Should().Be(200);
            ResponseComparison.Difference(Study, response, servers.Bare.Client.Get(Study)).Should().BeNull();
            servers.Ours.Client.Get(Study, ("If-Modified-Since", broken["Last-Modified"] ?? broken["Date"]!)).Status.Should().Be(200);
        }

        var now = Until.Some("it has a tag again", () => servers.Ours.Client.Get(Study) is { ETag: not null } response ? response : null);
        servers.Ours.Client.Get(Study, ("If-None-Match", now.ETag!)).Status.Should().Be(304);
    }
}

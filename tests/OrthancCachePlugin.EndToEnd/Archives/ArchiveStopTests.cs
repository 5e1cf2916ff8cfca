using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using OrthancCachePlugin.EndToEnd.Comparison;
using OrthancCachePlugin.EndToEnd.Dicom;
using Xunit.Abstractions;

namespace OrthancCachePlugin.EndToEnd.Archives;

/// <summary>Orthanc is asked to stop while it sends archives.</summary>
public sealed class ArchiveStopTests(ITestOutputHelper output)
{
    private const int Downloads = 4;
    private const int Instances = 100;
    private const int PixelsPerInstance = 1 << 20;

    private static readonly DicomBuilder First = new(1, 1, 1, 1);
    private static readonly string Target = $"/studies/{OrthancId.Study(First)}/archive";

    [Fact]
    public async Task A_stop_ends_downloads_soon_and_none_of_them_looks_whole_or_is_confirmed()
    {
        using var servers = new ArchiveStopServers();
        if (!servers.Ours.IsAtLeast(1, 12, 6))
        {
            return;
        }

        UploadAll(servers);
        var whole = Until.Some("it has a tag", () => servers.Ours.Client.Get(Target) is { ETag: not null } response ? response : null);
        ResponseComparison.Difference(Target, whole, servers.Bare.Client.Get(Target)).Should().BeNull();

        using var underWay = new CountdownEvent(Downloads);
        var downloads = Enumerable.Range(0, Downloads).Select(_ => Task.Factory.StartNew(
            () => Download(servers.Ours.HttpPort, underWay), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        underWay.Wait(TimeSpan.FromMinutes(1)).Should().BeTrue("all downloads are under way");
        var start = Stopwatch.GetTimestamp();
        servers.Ours.Stop();
        var took = Stopwatch.GetElapsedTime(start);

        var received = await Task.WhenAll(downloads);
        output.WriteLine($"stopped after {took.TotalSeconds:F2} s; the clients had {string.Join(", ", received.Select(r => r.Length >> 20))} MiB");
        foreach (var download in received)
        {
            ZipListing.IsBroken(download[(download.AsSpan().IndexOf("\r\n\r\n"u8) + 4)..]).Should().BeTrue("a ZIP without its directory is none");
        }

        servers.Ours.StartProcess();
        servers.Ours.AwaitDiskCache();
        servers.Ours.Client.Get(Target, ("If-None-Match", whole.ETag!)).Status.Should().Be(200, "nobody can tell who has half of it");
        servers.Ours.Client.Get(Target, ("If-Modified-Since", whole["Last-Modified"]!)).Status.Should().Be(200);
        var again = Until.Some("it has a tag", () => servers.Ours.Client.Get(Target) is { ETag: not null } response ? response : null);
        ResponseComparison.Difference(Target, again, servers.Bare.Client.Get(Target)).Should().BeNull();
        servers.Ours.Client.Get(Target, ("If-None-Match", again.ETag!)).Status.Should().Be(304);
    }

    /// <summary>Orthanc closes a connection on which it could send nothing for some time; what was on the way arrives, and then its end.</summary>
    [Fact]
    public void Regression_an_archive_whose_client_pauses_for_too_long_is_never_confirmed()
    {
        using var servers = new ArchiveStopServers();
        if (!servers.Ours.IsAtLeast(1, 12, 6))
        {
            return;
        }

        UploadAll(servers);
        var whole = Until.Some("it has a tag", () => servers.Ours.Client.Get(Target) is { ETag: not null } response ? response : null);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, servers.Ours.HttpPort);
        socket.Send(Encoding.ASCII.GetBytes($"GET {Target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
        socket.Receive(new byte[1000]).Should().BePositive();
        Until.True("Orthanc has given up", () => servers.Ours.Client.Get(Target, ("If-None-Match", whole.ETag!)).Status == 200);

        var received = 0;
        try
        {
            var buffer = new byte[1 << 16];
            for (int read; (read = socket.Receive(buffer)) > 0; received += read)
            {
            }
        }
        catch (SocketException)
        {
            // Then a client knows.
        }

        output.WriteLine($"{received >> 10} KiB arrived after the pause");
        received.Should().BeLessThan(whole.Body.Length / 2, "the rest was never sent");
        var now = Until.Some("it has a tag", () => servers.Ours.Client.Get(Target) is { ETag: not null } response ? response : null);
        now.ETag.Should().NotBe(whole.ETag);
        servers.Ours.Client.Get(Target, ("If-None-Match", now.ETag!)).Status.Should().Be(304);
    }

    private static void UploadAll(TwoServers servers)
    {
        // What does not compress takes long enough to be in the middle.
        var random = new Random(1);
        for (var i = 0; i < Instances; i++)
        {
            var pixels = new byte[PixelsPerInstance];
            random.NextBytes(pixels);
            servers.Upload((First with { Instance = i + 1 }).BuildWithPixels("large", pixels));
        }

        servers.Settle();
        servers.Ours.AwaitDiskCache();
    }

    private static byte[] Download(int port, CountdownEvent underWay)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var received = new MemoryStream();
        socket.Connect(IPAddress.Loopback, port);
        socket.Send(Encoding.ASCII.GetBytes($"GET {Target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
        var buffer = new byte[1 << 16];
        var isUnderWay = false;
        try
        {
            for (int read; (read = socket.Receive(buffer)) > 0;)
            {
                received.Write(buffer, 0, read);
                if (!isUnderWay && received.Length > PixelsPerInstance)
                {
                    isUnderWay = true;
                    underWay.Signal();
                }
            }
        }
        catch (SocketException)
        {
            // The server may end the connection as it likes.
        }

        return received.ToArray();
    }

    private sealed class ArchiveStopServers() : TwoServers(
        s =>
        {
            s.Cache.Remove("Archives");
            s.Configuration["HttpRequestTimeout"] = 2;
        },
        upload: false);
}

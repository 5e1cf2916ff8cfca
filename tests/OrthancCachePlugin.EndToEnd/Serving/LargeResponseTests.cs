using System.Globalization;
using OrthancCachePlugin.EndToEnd.Comparison;
using OrthancCachePlugin.EndToEnd.Dicom;
using OrthancCachePlugin.EndToEnd.Servers;

namespace OrthancCachePlugin.EndToEnd.Serving;

/// <summary>Responses of more than 32 MiB, as a series of thousands of instances has them: stored where their coding fits a record.</summary>
public sealed class LargeResponseTests : IDisposable
{
    private const int Instances = 640;
    private const int HeaderSize = 60_000;
    private const int QueueBytes = 32 << 20;
    private static readonly DicomBuilder First = new(1, 1, 1, 1);

    private readonly OrthancServer server = OrthancServer.Start();
    private readonly string target = $"/series/{OrthancId.Series(First)}/instances-tags?ignore-length=0020-4000";

    public void Dispose() => server.Dispose();

    [Fact]
    public void Regression_a_response_that_is_larger_than_the_write_queue_is_stored()
    {
        Upload(i => string.Concat(Enumerable.Repeat(i.ToString("d10", CultureInfo.InvariantCulture), HeaderSize / 10)));

        var first = Until.Some("it is stored", () => Get() is { IsStored: true } response ? response : null);
        first.Body.Length.Should().BeGreaterThan(QueueBytes);

        var hit = Until.Some("it is a hit from the store", () => Get() is { CacheStatus: "response-cache; hit" } response ? response : null);
        hit.Body.AsSpan().SequenceEqual(first.Body).Should().BeTrue();
        var encoded = Get(("Accept-Encoding", "zstd"));
        encoded.IsHit.Should().BeTrue();
        encoded["Content-Encoding"].Should().Be("zstd");
        encoded.Body.Length.Should().BeLessThan(8 << 20);
        ContentCoding.Decode(encoded).Body.AsSpan().SequenceEqual(first.Body).Should().BeTrue();
        var zipped = Until.Some(
            "gzip was made", () => Get(("Accept-Encoding", "gzip")) is var response && response["Content-Encoding"] == "gzip" ? response : null);
        zipped.IsHit.Should().BeTrue();
        ContentCoding.Decode(zipped).Body.AsSpan().SequenceEqual(first.Body).Should().BeTrue();

        server.Restart();
        var later = Get();
        Until.True("it is a hit after a restart", () => Get().IsHit);
        later.Body.AsSpan().SequenceEqual(first.Body).Should().BeTrue();
    }

    [Fact]
    public void Regression_many_clients_that_are_sent_a_large_hit_at_the_same_time_share_its_memory()
    {
        const int clients = 30;
        Upload(i => string.Concat(Enumerable.Repeat(i.ToString("d10", CultureInfo.InvariantCulture), HeaderSize / 10)));
        var expected = Until.Some("it is a hit", () => Get() is { CacheStatus: "response-cache; hit" } response ? response : null).Body;
        var before = server.ResidentBytes(peak: true);

        var sizes = new int[clients];
        Parallel.For(0, clients, new ParallelOptions { MaxDegreeOfParallelism = clients }, i =>
        {
            var response = Get();
            response.IsHit.Should().BeTrue();
            sizes[i] = response.Body.Length;
        });

        sizes.Should().AllBeEquivalentTo(expected.Length);
        (server.ResidentBytes(peak: true) - before).Should().BeLessThan(4L * expected.Length);
    }

    [Fact]
    public void Regression_a_response_that_fits_no_record_says_so_and_keeps_its_validators()
    {
        var random = new Random(4711);
        var letters = new char[HeaderSize];
        Upload(_ =>
        {
            for (var i = 0; i < letters.Length; i++)
            {
                letters[i] = (char)random.Next('!', '~');
            }

            return new string(letters).Replace('\\', '/');
        });

        var response = Until.Some("it has settled", () => Get() is { ETag: not null } settled ? settled : null);

        for (var turn = 0; turn < 2; turn++)
        {
            response.Status.Should().Be(200);
            response.CacheStatus.Should().Be("response-cache; fwd=miss; detail=too-large");
            Get(("If-None-Match", response.ETag!)).Status.Should().Be(304);
            response = Get();
        }

        var disk = server.Client.GetJson("/plugins/response-cache/status")["Disk"]!;
        disk["Writes"]!.GetValue<int>().Should().Be(0);
        disk["DroppedWrites"]!.GetValue<int>().Should().BePositive();
    }

    /// <summary>On a connection of its own: Orthanc closes one a second after it has sent a response, whether or not all of it was read.</summary>
    private HttpResponse Get(params (string Name, string Value)[] headers)
    {
        using var client = new OrthancClient(server.HttpPort);
        return client.Get(target, headers);
    }

    private void Upload(Func<int, string> comment)
    {
        for (var i = 1; i <= Instances; i++)
        {
            server.Client.Post("/instances", (First with { Instance = i }).Build(comment(i))).Status.Should().Be(200);
        }
    }
}

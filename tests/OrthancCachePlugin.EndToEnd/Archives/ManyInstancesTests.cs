using System.Diagnostics;
using OrthancCachePlugin.EndToEnd.Comparison;
using OrthancCachePlugin.EndToEnd.Dicom;
using Xunit.Abstractions;

namespace OrthancCachePlugin.EndToEnd.Archives;

/// <summary>A study of 5,000 small instances in ten series on both servers, with the option's default; nothing where the server cannot stream.</summary>
public sealed class ManyInstancesServers : TwoServers
{
    public const int Count = 5000;
    private const int Series = 10;
    private const int Uploaders = 4;
    private static readonly DicomBuilder First = new(1, 1, 1, 1);

    public ManyInstancesServers()
        : base(s => s.Cache.Remove("Archives"), upload: false)
    {
        IsStreaming = Ours.IsAtLeast(1, 12, 6);
        if (IsStreaming)
        {
            Parallel.For(0, Count, new ParallelOptions { MaxDegreeOfParallelism = Uploaders }, i => Upload((First with { Series = (i % Series) + 1, Instance = (i / Series) + 1 }).Build("small")));
            Settle();
        }
    }

    public static string OfAll { get; } = $"/studies/{OrthancId.Study(First)}/archive";

    public static string OfOneSeries { get; } = $"/series/{OrthancId.Series(First)}/archive";

    public bool IsStreaming { get; }
}

/// <summary>Archives of many instances, one and twenty at once.</summary>
public sealed class ManyInstancesTests(ManyInstancesServers servers, ITestOutputHelper output) : IClassFixture<ManyInstancesServers>
{
    private const int Downloads = 20;

    /// <summary>Bytes for each download: buffers, threads and the directory of 500 files.</summary>
    private const long MaximumPerDownload = 4 << 20;

    [Fact]
    public void Five_thousand_instances_are_those_of_Orthanc()
    {
        if (!servers.IsStreaming)
        {
            return;
        }

        var ours = servers.Ours.Client.Get(ManyInstancesServers.OfAll);

        ResponseComparison.Difference(ManyInstancesServers.OfAll, ours, servers.Bare.Client.Get(ManyInstancesServers.OfAll)).Should().BeNull();
        ZipListing.Of(ours.Body).Split('\n').Should().HaveCount(ManyInstancesServers.Count);
        servers.Ours.Client.Get(ManyInstancesServers.OfAll, ("If-None-Match", ours.ETag!)).Status.Should().Be(304);
    }

    [Fact]
    public void Twenty_at_once_are_all_whole_and_take_little_memory()
    {
        if (!servers.IsStreaming)
        {
            return;
        }

        var truth = servers.Bare.Client.Get(ManyInstancesServers.OfOneSeries);
        servers.Ours.Client.Get(ManyInstancesServers.OfOneSeries).Status.Should().Be(200);
        var before = servers.Ours.ResidentBytes(peak: true);
        var all = new HttpResponse[Downloads];
        var start = Stopwatch.GetTimestamp();

        Parallel.For(0, Downloads, new ParallelOptions { MaxDegreeOfParallelism = Downloads }, i => all[i] = servers.Ours.Client.Get(ManyInstancesServers.OfOneSeries));

        var took = Stopwatch.GetElapsedTime(start);
        var more = servers.Ours.ResidentBytes(peak: true) - before;
        output.WriteLine($"{Downloads} at once: {took.TotalSeconds:F1} s, {more >> 20} MiB more than one");
        all.Select(r => ResponseComparison.Difference(ManyInstancesServers.OfOneSeries, r, truth)).Should().AllSatisfy(d => d.Should().BeNull());
        more.Should().BeLessThan(Downloads * MaximumPerDownload);
    }
}

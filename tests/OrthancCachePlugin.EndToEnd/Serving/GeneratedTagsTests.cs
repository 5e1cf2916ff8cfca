using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using OrthancCachePlugin.EndToEnd.Comparison;
using OrthancCachePlugin.EndToEnd.Dicom;
using OrthancCachePlugin.EndToEnd.Servers;
using Xunit.Abstractions;

namespace OrthancCachePlugin.EndToEnd.Serving;

/// <summary>Tags of data sets that nobody thought of, beside those of a bare Orthanc. <c>ORTHANC_CACHE_SEED</c> repeats a run.</summary>
public sealed class GeneratedTagsTests(ITestOutputHelper output) : IDisposable
{
    private const int Batches = 2;
    private const int BatchSize = 60;
    private static readonly string[] Formats = ["", "?short", "?simplify"];
    private readonly TwoServers servers = new();
    private int number;
    private int compared;

    public void Dispose() => servers.Dispose();

    [Fact]
    public void Tags_of_generated_data_sets_are_those_of_the_bare_server()
    {
        var seed = ulong.TryParse(Environment.GetEnvironmentVariable("ORTHANC_CACHE_SEED"), CultureInfo.InvariantCulture, out var given)
            ? given
            : (ulong)Random.Shared.NextInt64();
        output.WriteLine($"ORTHANC_CACHE_SEED={seed}");
        var replay = new Replay(new Rnd(seed, (2 * seed) + 1), Microsoft.FSharp.Core.FSharpOption<int>.None);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Batches).WithReplay(replay), Prop.ForAll(GeneratedDicom.Batch(BatchSize), Compare));

        var tags = servers.Ours.Client.GetJson("/plugins/response-cache/status")["Tags"]!;
        output.WriteLine($"{compared} responses compared; {tags.ToJsonString()}");
        compared.Should().BeGreaterThan(Batches * BatchSize * 20);
        tags["Derived"]!.GetValue<long>().Should().BeGreaterThan(compared / 2);
        tags["LeftToOrthanc"]!["SwitchedOff"]!.GetValue<long>().Should().Be(0);
    }

    /// <summary>Each time under new identifiers.</summary>
    private void Compare(IReadOnlyList<GeneratedSeries> batch)
    {
        var instances = batch.SelectMany(Upload).ToList();
        servers.Settle();
        var differences = instances.SelectMany(Targets).Distinct().Select(target =>
        {
            compared++;
            return ResponseComparison.Difference(target, servers.Ours.Client.Get(target), servers.Bare.Client.Get(target));
        }).OfType<string>().ToList();
        Differences.AssertNone(differences, servers.Ours);
    }

    private List<string> Upload(GeneratedSeries series)
    {
        number++;
        return [.. Enumerable.Range(0, series.Instances.Count).Select(i => servers.Upload(GeneratedDicom.Write(series, number, i))).OfType<string>()];
    }

    private IEnumerable<string> Targets(string instance)
    {
        var parents = new[] { "series", "study", "patient" }
            .Select(p => (Path: p is "series" ? p : p is "study" ? "studies" : "patients", Id: servers.Bare.Client.GetJson($"/instances/{instance}/{p}")["ID"]));
        return
        [
            .. Formats.Select(f => $"/instances/{instance}/tags{f}"),
            $"/instances/{instance}/simplified-tags",
            .. parents.SelectMany(p => Formats.SelectMany(f => new[] { $"/{p.Path}/{p.Id}/instances-tags{f}", $"/{p.Path}/{p.Id}/shared-tags{f}" })),
        ];
    }
}

using System.Diagnostics;
using OrthancCachePlugin.EndToEnd.Comparison;
using OrthancCachePlugin.EndToEnd.Dicom;
using Xunit.Abstractions;

namespace OrthancCachePlugin.EndToEnd.Archives;

/// <summary>
/// A patient of fifteen instances of 300 MB, which is more than 4 GiB; nothing where the server cannot stream. The pixels are zeros and
/// the storage is compressed, so they take little of the disk; they are uploaded to one server alone, whose storage the other is given.
/// </summary>
public sealed class LargeArchiveServers : TwoServers
{
    public const int Count = 15;
    private const int Pixels = 300_000_000;
    private static readonly DicomBuilder First = new(1, 1, 1, 1);

    public LargeArchiveServers()
        : base(
            s =>
            {
                s.Cache.Remove("Archives");
                s.Configuration["StorageCompression"] = true;
                s.Configuration["MaximumStorageCacheSize"] = 0;
            },
            upload: false)
    {
        IsStreaming = Ours.IsAtLeast(1, 12, 6);
        if (!IsStreaming)
        {
            return;
        }

        var pixels = new byte[Pixels];
        for (var i = 0; i < Count; i++)
        {
            // Each in a series of its own.
            Bare.Client.Post("/instances", (First with { Series = i + 1 }).BuildWithPixels("large", pixels)).Status.Should().Be(200);
        }

        Ours.Stop();
        Bare.Stop();
        var (from, to) = (Path.Combine(Bare.Home, "storage"), Path.Combine(Ours.Home, "storage"));
        Directory.Delete(to, recursive: true);
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        Ours.StartProcess();
        Bare.StartProcess();
        Ours.AwaitDiskCache();
        Until.True("a response gets a validator", () => Ours.Client.Get($"/series/{OrthancId.Series(First)}/shared-tags") is { ETag: not null });
    }

    public static string OfOne { get; } = $"/series/{OrthancId.Series(First)}/archive";

    public static string OfAll { get; } = $"/patients/{OrthancId.Patient(First)}/archive";

    public bool IsStreaming { get; }
}

/// <summary>Archives that are larger than what the plugin may ever hold. They take minutes, and are no part of the quick tests.</summary>
[Trait("Category", "Large")]
public sealed class LargeArchiveTests(LargeArchiveServers servers, ITestOutputHelper output) : IClassFixture<LargeArchiveServers>
{
    [Fact]
    public void One_instance_of_300_MB_is_that_of_Orthanc_and_more_than_4_GiB_take_no_more_memory()
    {
        if (!servers.IsStreaming)
        {
            return;
        }

        AssertEqual(LargeArchiveServers.OfOne, 1);
        var before = servers.Ours.ResidentBytes(peak: true);

        AssertEqual(LargeArchiveServers.OfAll, LargeArchiveServers.Count);

        var after = servers.Ours.ResidentBytes(peak: true);
        output.WriteLine($"at most {before >> 20} MiB for one, {after >> 20} MiB for all; bare {servers.Bare.ResidentBytes(peak: true) >> 20} MiB");
        after.Should().BeLessThan(before + (before / 4), "the second file is read when the first was sent");
    }

    private void AssertEqual(string target, int count)
    {
        var start = Stopwatch.GetTimestamp();
        var ours = servers.Ours.Client.Get(target);
        var between = Stopwatch.GetTimestamp();
        var bare = servers.Bare.Client.Get(target);
        output.WriteLine($"{target}: {Stopwatch.GetElapsedTime(start, between).TotalSeconds:F1} s, bare {Stopwatch.GetElapsedTime(between).TotalSeconds:F1} s");
        ResponseComparison.Difference(target, ours, bare).Should().BeNull();
        ZipListing.Of(ours.Body).Split('\n').Should().HaveCount(count);
        servers.Ours.Client.Get(target, ("If-None-Match", ours.ETag!)).Status.Should().Be(304);
    }
}

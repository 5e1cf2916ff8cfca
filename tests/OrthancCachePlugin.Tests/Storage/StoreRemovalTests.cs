using FluentAssertions;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class StoreRemovalTests : IDisposable
{
    private readonly StoreBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void List_shows_the_live_entries_with_the_prefix()
    {
        bench.Open();
        bench.PutNow("a/1", [1]);
        bench.PutNow("a/2", [1, 2]);
        bench.PutNow("a/2", [1, 2, 3]);
        bench.PutNow("b/1", [1]);

        var entries = bench.Store.List("a/"u8);

        entries.Select(entry => (System.Text.Encoding.UTF8.GetString(entry.Key.Span), entry.ValueSize, entry.CreatedAt))
            .Should().BeEquivalentTo([("a/1", 1, bench.Now), ("a/2", 3, bench.Now)]);
    }

    [Fact]
    public void Removed_bytes_leave_the_disk_and_the_others_stay()
    {
        bench.Open();
        var secret = "Mustermann^Erika geheim"u8.ToArray();
        for (var i = 0; i < 200; i++)
        {
            bench.PutNow($"a/{i}", [.. secret, .. StoreBench.ValueOf($"a/{i}", 20_000)]);
            bench.PutNow($"b/{i}", StoreBench.ValueOf($"b/{i}", 20_000));
        }

        bench.Maintain();
        FilesContain(secret).Should().BeTrue("otherwise the test proves nothing");

        bench.Store.Remove(KeyPrefixes.Of("a/"u8)).Should().Be(200);

        FilesContain(secret).Should().BeFalse();
        bench.Get("a/7").Should().BeNull();
        for (var i = 0; i < 200; i++)
        {
            bench.Get($"b/{i}").Should().Equal(StoreBench.ValueOf($"b/{i}", 20_000));
        }

        bench.Reopen();
        bench.Get("a/7").Should().BeNull();
        bench.Get("b/7").Should().NotBeNull();
    }

    [Fact]
    public void An_empty_prefix_removes_everything_from_disk()
    {
        bench.Open();
        var secret = "Mustermann^Erika geheim"u8.ToArray();
        for (var i = 0; i < 100; i++)
        {
            bench.PutNow($"a/{i}", [.. secret, .. StoreBench.ValueOf($"a/{i}", 20_000)]);
        }

        bench.Maintain();
        bench.Store.Remove(KeyPrefixes.Of([])).Should().Be(100);
        bench.Close();

        FilesContain(secret).Should().BeFalse();
    }

    [Fact]
    public void An_entry_that_waits_is_removed_as_well()
    {
        bench.Open();
        using var blocked = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var first = new MemoryEntry(StoreBench.Key("x"), [1], bench.Now) { OnEncode = () => { blocked.Set(); release.Wait(); } };
        bench.Store.TryEnqueue(first);
        blocked.Wait();
        bench.Put("a/1", [1]);
        bench.Put("b/1", [1]);

        bench.Store.Remove(KeyPrefixes.Of("a/"u8));
        release.Set();
        bench.Store.Drain(TimeSpan.FromSeconds(30)).Should().BeTrue();

        bench.Get("a/1").Should().BeNull();
        bench.Get("b/1").Should().NotBeNull();
    }

    [Fact]
    public void Regression_an_entry_that_is_being_encoded_while_it_is_removed_is_not_written()
    {
        bench.Open();
        var secret = "Mustermann^Erika geheim"u8.ToArray();
        using var blocked = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var position = bench.Store.Removals.Position;
        bench.Store.TryEnqueue(new MemoryEntry(StoreBench.Key("a/1"), secret, bench.Now)
        {
            SinceRemoval = position,
            OnEncode = () => { blocked.Set(); release.Wait(); },
        });
        blocked.Wait();

        bench.Store.Remove(KeyPrefixes.Of("a/"u8));
        release.Set();
        bench.Store.Drain(TimeSpan.FromSeconds(30)).Should().BeTrue();

        bench.Get("a/1").Should().BeNull();
        bench.Maintain();
        bench.Close();
        FilesContain(secret).Should().BeFalse();
    }

    [Fact]
    public void Regression_an_entry_that_was_computed_before_a_removal_and_comes_after_it_is_not_written()
    {
        bench.Open();
        var before = bench.Store.Removals.Position;

        bench.Store.Remove(KeyPrefixes.Of("a/"u8));
        var after = bench.Store.Removals.Position;
        PutSince(before, "a/before");
        PutSince(before, "b/before");
        PutSince(after, "a/after");
        bench.Store.Drain(TimeSpan.FromSeconds(30)).Should().BeTrue();

        bench.Get("a/before").Should().BeNull();
        bench.Get("b/before").Should().NotBeNull("it was not removed");
        bench.Get("a/after").Should().NotBeNull("it was computed after it");
    }

    [Fact]
    public void Removing_from_an_empty_store_removes_nothing()
    {
        bench.Open();
        bench.Store.Remove(KeyPrefixes.Of([])).Should().Be(0);
        bench.Store.Remove(KeyPrefixes.Of("a"u8)).Should().Be(0);
        bench.PutNow("a", [1]);
        bench.Get("a").Should().Equal(1);
    }

    [Fact]
    public void Regression_everything_is_removed_without_going_through_it()
    {
        const int count = 20_000;
        var disk = new FaultyDisk();
        bench.Disk = disk;
        bench.Open();
        for (var i = 0; i < count; i++)
        {
            while (!bench.Put($"a/{i}", [1, 2, 3]))
            {
                bench.Store.Drain(TimeSpan.FromSeconds(30));
            }
        }

        bench.Store.Drain(TimeSpan.FromSeconds(30)).Should().BeTrue();
        bench.Maintain();
        var before = GC.GetAllocatedBytesForCurrentThread();

        bench.Store.Remove(KeyPrefixes.All).Should().Be(count);

        // One page is filled up with nothing, in a buffer of its size.
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(2 << 20, "nothing is collected of each entry");
        bench.Get("a/7").Should().BeNull();
        bench.Reopen();
        bench.Get("a/7").Should().BeNull();
        bench.Store.GetStatus().Entries.Should().Be(0);
    }

    [Fact]
    public void What_was_written_again_counts_once()
    {
        bench.Open();
        bench.PutNow("a", [1]);
        bench.PutNow("a", [2]);
        bench.PutNow("b", [3]);
        bench.Store.GetStatus().Entries.Should().Be(2);

        bench.Store.Remove(KeyPrefixes.All).Should().Be(2);
    }

    [Fact]
    public void What_has_expired_does_not_count()
    {
        bench.Open();
        bench.PutNow("a", [1]);
        bench.Time.Advance(bench.Options.Expiration);

        bench.Store.Remove(KeyPrefixes.All).Should().Be(0);
    }

    [Fact]
    public void What_is_listed_of_many_segments_is_complete_though_entries_are_written_meanwhile()
    {
        bench.Options = bench.Options with { MaximumBytes = 64 << 20 };
        bench.Open();
        for (var i = 0; i < 200; i++)
        {
            bench.PutNow($"a/{i}", StoreBench.ValueOf($"a/{i}", 20_000));
        }

        using var stop = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested && i < 1000; i++)
            {
                bench.Put($"b/{i}", StoreBench.ValueOf("b", 20_000));
            }
        });
        writer.Start();

        for (var turn = 0; turn < 5; turn++)
        {
            bench.Store.List("a/"u8).Should().HaveCount(200);
        }

        stop.Cancel();
        writer.Join();
    }

    [Fact]
    public void Expired_entries_leave_the_disk_although_nobody_asks_for_them()
    {
        bench.Open();
        var secret = "Mustermann^Erika geheim"u8.ToArray();
        for (var i = 0; i < 100; i++)
        {
            bench.PutNow($"a/{i}", [.. secret, .. StoreBench.ValueOf($"a/{i}", 20_000)]);
        }

        bench.Time.Advance(TimeSpan.FromDays(4));
        bench.PutNow("young", [7]);
        bench.Maintain();
        bench.Time.Advance(TimeSpan.FromDays(4));
        bench.Maintain();

        FilesContain(secret).Should().BeFalse();
        bench.Get("young").Should().Equal(7);
        bench.Store.GetStatus().Expiries.Should().Be(100);
    }

    [Fact]
    public void What_cannot_be_removed_alone_is_removed_with_everything()
    {
        var disk = new FaultyDisk();
        bench.Disk = disk;
        bench.Open();
        var secret = "Mustermann^Erika geheim"u8.ToArray();
        for (var i = 0; i < 100; i++)
        {
            bench.PutNow($"a/{i}", [.. secret, .. StoreBench.ValueOf($"a/{i}", 20_000)]);
        }

        bench.Maintain();
        var before = bench.Store.Removals.Position;
        disk.FailWrites = true;
        bench.Store.Remove(KeyPrefixes.Of("a/"u8));
        disk.FailWrites = false;
        bench.WaitFor(StoreState.Working);

        FilesContain(secret).Should().BeFalse();
        bench.Get("a/1").Should().BeNull();
        PutSince(before, "a/1");
        bench.Store.Drain(TimeSpan.FromSeconds(30)).Should().BeTrue();
        bench.Get("a/1").Should().BeNull("what was on its way does not get into the new log either");
    }

    [Fact]
    public void Regression_a_removal_while_a_store_that_had_failed_is_opened_again_is_not_forgotten()
    {
        var disk = new FaultyDisk();
        bench.Disk = disk;
        bench.Open();
        bench.PutNow("a/1", [1]);
        bench.Close();
        disk.FailOpen = true;
        bench.BeginOpen();
        bench.WaitFor(StoreState.Disabled);
        using var opening = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var marker = new StoreFiles(bench.DirectoryPath).RecoveryMarker;
        disk.OnOpen = path =>
        {
            if (path == marker && !opening.IsSet)
            {
                opening.Set();
                goOn.Wait();
            }
        };
        disk.FailOpen = false;
        opening.Wait();

        bench.Store.Remove(KeyPrefixes.Of("a/"u8));
        goOn.Set();
        bench.WaitFor(StoreState.Working);

        bench.Get("a/1").Should().BeNull();
        bench.Reopen();
        bench.Get("a/1").Should().BeNull();
        bench.PutNow("a/1", [1]);
        bench.Get("a/1").Should().NotBeNull("it was done once");
    }

    [Fact]
    public void A_removal_during_recovery_waits_for_it()
    {
        bench.Open();
        bench.PutNow("a/1", [1]);
        bench.PutNow("b/1", [1]);
        bench.Close();
        bench.BeginOpen();
        bench.Store.Remove(KeyPrefixes.Of("a/"u8)).Should().Be(1);
        bench.Get("a/1").Should().BeNull();
        bench.Get("b/1").Should().Equal(1);
    }

    [Fact]
    public void A_removal_overwrites_values_in_place_and_not_the_whole_log()
    {
        var disk = new FaultyDisk();
        bench.Disk = disk;
        bench.Open();
        var secret = "Mustermann^Erika geheim"u8.ToArray();
        for (var i = 0; i < 400; i++)
        {
            bench.PutNow($"b/{i}", StoreBench.ValueOf($"b/{i}", 20_000));
            if (i % 100 == 0)
            {
                bench.PutNow($"a/{i}", [.. secret, .. StoreBench.ValueOf($"a/{i}", 20_000)]);
            }
        }

        bench.Maintain();
        var before = disk.Written;

        bench.Store.Remove(KeyPrefixes.Of("a/"u8)).Should().Be(4);

        (disk.Written - before).Should().BeLessThan(2 << 20, "the log has 8 MB");
        FilesContain(secret).Should().BeFalse();
        bench.Get("a/100").Should().BeNull();
        bench.PutNow("a/100", [1, 2, 3]);
        foreach (var isReopened in new[] { false, true })
        {
            if (isReopened)
            {
                bench.Reopen();
            }

            bench.Get("a/100").Should().Equal(1, 2, 3);
            bench.Get("a/200").Should().BeNull();
            for (var i = 0; i < 400; i++)
            {
                bench.Get($"b/{i}").Should().Equal(StoreBench.ValueOf($"b/{i}", 20_000));
            }
        }

        bench.Store.List([]).Should().HaveCount(401);
        bench.Store.GetStatus().DamagedReads.Should().Be(0, "a removed record is no damage");
        bench.Store.Remove(KeyPrefixes.Of("a/"u8)).Should().Be(1, "a removed record counts once");
    }

    [Fact]
    public void What_lies_behind_a_damaged_block_leaves_the_disk_as_well()
    {
        bench.Open();
        var secret = "Mustermann^Erika geheim"u8.ToArray();
        for (var i = 0; i < 100; i++)
        {
            bench.PutNow($"a/{i}", [.. secret, .. StoreBench.ValueOf($"a/{i}", 20_000)]);
            bench.PutNow($"b/{i}", StoreBench.ValueOf($"b/{i}", 20_000));
        }

        bench.Reopen(() =>
        {
            using var file = LocalDisk.Instance.OpenOrCreate(new StoreFiles(bench.DirectoryPath).Segment(1));
            file.Write([0xEE, 0xEE, 0xEE], 50_000);
        });

        bench.Store.Remove(KeyPrefixes.Of("a/"u8)).Should().BePositive();

        FilesContain(secret).Should().BeFalse();
        bench.Get("b/0").Should().Equal(StoreBench.ValueOf("b/0", 20_000));
    }

    [Fact]
    public void Lookups_during_removals_find_the_right_value_or_none_and_no_damage()
    {
        bench.Open();
        for (var i = 0; i < 200; i++)
        {
            bench.PutNow($"a/{i}", StoreBench.ValueOf($"a/{i}", 20_000));
            bench.PutNow($"b/{i}", StoreBench.ValueOf($"b/{i}", 20_000));
        }

        using var stop = new CancellationTokenSource();
        var wrong = 0;
        var reader = new Thread(() =>
        {
            var random = new Random(1);
            while (!stop.IsCancellationRequested)
            {
                var key = $"{(random.Next(2) == 0 ? 'a' : 'b')}/{random.Next(200)}";
                var value = bench.Get(key);
                wrong += value is null || value.AsSpan().SequenceEqual(StoreBench.ValueOf(key, 20_000)) ? 0 : 1;
            }
        });
        reader.Start();

        for (var i = 100; i < 110; i++)
        {
            bench.Store.Remove(KeyPrefixes.Of(StoreBench.Key($"a/{i}"))).Should().Be(1);
        }

        stop.Cancel();
        reader.Join();
        wrong.Should().Be(0);
        bench.Store.GetStatus().DamagedReads.Should().Be(0);
    }

    private void PutSince(long position, string key) =>
        bench.Store.TryEnqueue(new MemoryEntry(StoreBench.Key(key), [1], bench.Now) { SinceRemoval = position }).Should().BeTrue();

    private bool FilesContain(byte[] bytes) =>
        Directory.EnumerateFiles(bench.DirectoryPath, "*.*").Any(path => Path.GetFileName(path) != "lock" && ReadShared(path).AsSpan().IndexOf(bytes) >= 0);

    /// <summary>The store has the file open for writing, which Windows does not overlook.</summary>
    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}

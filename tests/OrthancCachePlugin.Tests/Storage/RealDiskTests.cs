using System.Diagnostics;
using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;
using Xunit.Abstractions;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>What disks and administrators really do. Needs Linux; what also needs root says so and fails without it.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class RealDiskTests(ITestOutputHelper output) : IDisposable
{
    private readonly StoreBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void A_directory_that_is_removed_while_running_comes_back()
    {
        bench.Open();
        bench.PutNow("a", [1]);
        bench.Maintain();
        Run("rm", "-rf", bench.DirectoryPath);

        // Still in memory, or a miss: anything but a wrong byte.
        (bench.Get("a") ?? [1]).Should().Equal(1);
        bench.Maintain();
        bench.WaitUntil(() => Directory.Exists(bench.DirectoryPath) && bench.Store.GetStatus().State == StoreState.Working, "a new directory");

        bench.Log.Count(301).Should().Be(1);
        bench.PutNow("b", [2]);
        bench.Get("b").Should().Equal(2);
        bench.Reopen();
        bench.Get("b").Should().Equal(2);
    }

    [Fact]
    public void A_full_disk_is_survived_and_used_again_when_there_is_room()
    {
        const long size = 24 << 20;
        using var mount = Tmpfs.Mount(bench.DirectoryPath, size);
        bench.Options = bench.Options with { MaximumBytes = 64 << 20, MemoryBytes = 1 << 20 };
        bench.Open();
        for (var i = 0; i < 1000; i++)
        {
            bench.Put($"key {i}", StoreBench.ValueOf($"key {i}", 50_000));
            bench.Store.Drain(TimeSpan.FromSeconds(30)).Should().BeTrue("no writer may hang on a full disk");
            if (i % 100 == 0)
            {
                bench.Maintain();
            }
        }

        var ballast = Path.Combine(bench.DirectoryPath, "ballast");
        output.WriteLine($"before the disk is full: {bench.Store.GetStatus()}");
        FillDisk(ballast);
        for (var i = 0; i < 300; i++)
        {
            bench.Put($"more {i}", StoreBench.ValueOf($"more {i}", 50_000));
            bench.Store.Drain(TimeSpan.FromSeconds(30)).Should().BeTrue("no writer may hang on a full disk");
            (bench.Get($"more {i}") ?? StoreBench.ValueOf($"more {i}", 50_000)).Should().Equal(StoreBench.ValueOf($"more {i}", 50_000));
            FillDisk(ballast);
        }

        output.WriteLine($"while it is full: {bench.Store.GetStatus()}; {string.Join(" | ", bench.Log.Lines)}");
        bench.Log.Lines.Count.Should().BeLessThan(60);
        File.Delete(ballast);
        bench.WaitUntil(() => bench.Store.GetStatus().State == StoreState.Working, "the store to work again");
        bench.Maintain();
        bench.PutNow("after", [3]);
        bench.Get("after").Should().Equal(3);
    }

    [Fact]
    public void A_directory_that_loses_its_write_permission_is_survived()
    {
        // As root, permissions mean nothing: the store runs in a child that has no right beyond them.
        var torture = Torture.Start("chmod-child", bench.DirectoryPath, obeysPermissions: true);
        try
        {
            Torture.Expect(torture, "works");
            File.SetUnixFileMode(bench.DirectoryPath, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            torture.StandardInput.WriteLine("protected");
            Torture.Expect(torture, "disabled");
            File.SetUnixFileMode(bench.DirectoryPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            torture.StandardInput.WriteLine("writable");
            Torture.Expect(torture, "works");
        }
        finally
        {
            torture.Kill();
            torture.WaitForExit();
            torture.Dispose();
        }
    }

    [Fact]
    public void A_second_process_runs_without_the_cache_until_the_first_ends()
    {
        using var first = Torture.Start("hold-child", bench.DirectoryPath);
        Torture.Expect(first, "works");

        bench.BeginOpen();
        bench.WaitFor(StoreState.Disabled);
        bench.Store.GetStatus().Reason.Should().Contain("another process");
        bench.Get("held").Should().BeNull();
        bench.Put("x", [1]).Should().BeFalse();
        bench.Maintain();
        bench.Maintain();
        bench.Log.Count(301).Should().Be(1, "it is said once");

        first.Kill();
        first.WaitForExit();
        bench.WaitFor(StoreState.Working);
        bench.Get("held").Should().Equal([1, 2, 3], "the first process had a checkpoint");
    }

    [Fact]
    public void Two_stores_of_one_process_do_not_meet_and_one_follows_the_other()
    {
        bench.Open();
        bench.PutNow("a", [1]);
        using (var second = new FasterEntryStore(bench.Options, bench.Log, bench.Time))
        {
            bench.WaitUntil(() => second.GetStatus().State == StoreState.Disabled, "the second to give up");
        }

        bench.Reopen();
        bench.Get("a").Should().Equal(1);
    }

    [Fact]
    public void Directory_and_files_belong_to_their_owner_alone()
    {
        bench.Open();
        bench.PutNow("a", StoreBench.ValueOf("a", 100_000));
        bench.Reopen();

        File.GetUnixFileMode(bench.DirectoryPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var path in Directory.EnumerateFiles(bench.DirectoryPath))
        {
            File.GetUnixFileMode(path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, path);
        }
    }

    [Fact]
    public void A_directory_of_ours_that_was_opened_to_others_is_closed_again()
    {
        Directory.CreateDirectory(bench.DirectoryPath);
        bench.Open();
        File.GetUnixFileMode(bench.DirectoryPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void Files_of_others_are_left_alone_and_mentioned()
    {
        Directory.CreateDirectory(bench.DirectoryPath);
        var precious = Path.Combine(bench.DirectoryPath, "precious.txt");
        File.WriteAllText(precious, "keep me");
        bench.Open();
        bench.PutNow("a", [1]);
        bench.Reopen(() => File.WriteAllText(Path.Combine(bench.DirectoryPath, "checkpoint.bin"), "rubbish"));

        bench.Log.Count(302).Should().Be(1);
        bench.Log.Count(305).Should().BePositive();
        File.ReadAllText(precious).Should().Be("keep me");
    }

    private static void FillDisk(string ballast)
    {
        using var file = new FileStream(ballast, FileMode.Append);
        var block = new byte[64 * 1024];
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // that is the point
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        process.ExitCode.Should().Be(0);
    }
}

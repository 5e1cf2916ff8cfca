using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using FASTER.core;
using FluentAssertions;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>Whatever throws on a thread of the store costs the store, not the process: without that, the runner of these tests ends.</summary>
public sealed unsafe class ThreadFaultTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly StoreBench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Regression_a_completion_of_the_log_that_throws_marks_the_device_as_failed(bool isWrite)
    {
        Directory.CreateDirectory(bench.DirectoryPath);
        var geometry = LogGeometry.From(bench.Options);
        var resources = LogResources.Create(bench.Options);
        using var segments = new GuardedSegments(LocalDisk.Instance, new StoreFiles(bench.DirectoryPath), geometry, storeId: 1);
        var inspector = new PageInspector(geometry, new SegmentTable(geometry.SegmentBits), resources.Accesses, seed: 1);
        using var device = new GuardedDevice(segments, inspector);
        device.Initialize(geometry.SegmentSize);
        var memory = NativeMemory.AllocZeroed(LogGeometry.BlockSize);
        using var told = new SemaphoreSlim(0);

        // More often than there are threads: each of them must have outlived it.
        const int times = 8;
        for (var i = 0; i < times; i++)
        {
            Ask(device, isWrite, (nint)memory, (_, _, _) =>
            {
                told.Release();
                throw new InvalidOperationException("Injected");
            });
            told.Wait(Timeout).Should().BeTrue();
        }

        SpinWait.SpinUntil(() => device.Failure is not null, Timeout).Should().BeTrue();
        Ask(device, isWrite, (nint)memory, (_, _, _) => told.Release());
        told.Wait(Timeout).Should().BeTrue("the threads go on");
        device.Failure.Should().BeOfType<InvalidOperationException>();
        NativeMemory.Free(memory);
    }

    [Fact]
    public void Regression_a_queue_whose_handler_throws_tells_its_owner_and_goes_on()
    {
        var failures = new ConcurrentQueue<Exception>();
        using var handled = new SemaphoreSlim(0);
        using var queue = new WorkQueue<int>(
            "test",
            1,
            item =>
            {
                handled.Release();
                if (item == 1)
                {
                    throw new InvalidOperationException("Injected");
                }
            },
            failures.Enqueue);

        queue.TryAdd(1);
        queue.TryAdd(2);

        handled.Wait(Timeout).Should().BeTrue();
        handled.Wait(Timeout).Should().BeTrue();
        failures.Should().ContainSingle().Which.Should().BeOfType<InvalidOperationException>();
    }

    [Fact]
    public void Regression_an_entry_that_throws_at_its_end_costs_itself_alone()
    {
        bench.Open();
        bench.Store.TryEnqueue(new MemoryEntry(StoreBench.Key("a"), [1], bench.Now) { OnDispose = () => throw new InvalidOperationException("Injected") })
            .Should().BeTrue();
        bench.Store.Drain(Timeout).Should().BeTrue();

        bench.PutNow("b", [2]);

        bench.Get("b").Should().Equal(2);
    }

    [Fact]
    public void Regression_a_log_that_throws_does_not_end_the_keeper()
    {
        var log = new ThrowingLog { Left = 2 };
        using var store = new FasterEntryStore(bench.Options, log, bench.Time, LocalDisk.Instance, () => 1);

        SpinWait.SpinUntil(() => store.GetStatus().State == StoreState.Working && log.Left <= 0, Timeout).Should().BeTrue();

        // What failed while it was opened is opened again, a moment after it looked open.
        SpinWait.SpinUntil(IsStored, Timeout).Should().BeTrue();

        bool IsStored()
        {
            if (!store.TryEnqueue(new MemoryEntry(StoreBench.Key("a"), [1], bench.Now)) || !store.Drain(Timeout)
                || !store.TryRead(StoreBench.Key("a"), out var lease))
            {
                return false;
            }

            lease.Dispose();
            return true;
        }
    }

    private static void Ask(GuardedDevice device, bool isWrite, nint memory, DeviceIOCompletionCallback callback)
    {
        if (isWrite)
        {
            device.WriteAsync(memory, 0UL, LogGeometry.BlockSize, callback, null!);
        }
        else
        {
            device.ReadAsync(0UL, memory, LogGeometry.BlockSize, callback, null!);
        }
    }

    private sealed class ThrowingLog : ILog
    {
        private int left;

        public int Left
        {
            get => Volatile.Read(ref left);
            set => left = value;
        }

        public void Write(LogLevel level, int number, string line)
        {
            if (Interlocked.Decrement(ref left) >= 0)
            {
                throw new InvalidOperationException("Injected");
            }
        }
    }
}

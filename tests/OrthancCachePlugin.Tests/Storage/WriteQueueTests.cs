using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class WriteQueueTests
{
    private readonly WriteQueue queue = new(maximumEntries: 2, maximumBytes: 100);

    [Fact]
    public void Is_bounded_in_number_and_bytes()
    {
        queue.TryAdd(Entry(1, 10)).Should().BeTrue();
        queue.TryAdd(Entry(2, 95)).Should().BeFalse("of its bytes");
        queue.TryAdd(Entry(2, 10)).Should().BeTrue();
        queue.TryAdd(Entry(3, 10)).Should().BeFalse("of its number");
        queue.Bytes.Should().Be(22);
    }

    [Fact]
    public void What_is_being_written_still_counts()
    {
        queue.TryAdd(Entry(1, 90));
        var entry = queue.Take()!;
        queue.TryAdd(Entry(2, 20)).Should().BeFalse();
        queue.WaitUntilDone(TimeSpan.FromMilliseconds(1)).Should().BeFalse();
        queue.Done(entry.HeldBytes);
        queue.WaitUntilDone(TimeSpan.Zero).Should().BeTrue();
        queue.TryAdd(Entry(2, 20)).Should().BeTrue();
    }

    [Fact]
    public void Gives_out_what_it_has_after_it_was_closed()
    {
        queue.TryAdd(Entry(1, 10));
        queue.Close();
        queue.TryAdd(Entry(2, 10)).Should().BeFalse();
        queue.Take().Should().NotBeNull();
        queue.Take().Should().BeNull();
    }

    [Fact]
    public void A_writer_that_sleeps_is_woken_for_each_entry_and_by_the_end()
    {
        var taken = 0;
        var writer = new Thread(() =>
        {
            while (queue.Take() is { } entry)
            {
                Interlocked.Increment(ref taken);
                queue.Done(entry.HeldBytes);
            }
        })
        {
            IsBackground = true,
        };
        writer.Start();

        for (var i = 0; i < 1000; i++)
        {
            queue.TryAdd(Entry(1, 10)).Should().BeTrue();
            queue.WaitUntilDone(TimeSpan.FromSeconds(30)).Should().BeTrue();
        }

        taken.Should().Be(1000);
        queue.Close();
        writer.Join(TimeSpan.FromSeconds(30)).Should().BeTrue();
    }

    [Fact]
    public void Discards_by_prefix()
    {
        var (first, second) = (Entry(1, 10), Entry(2, 10));
        queue.TryAdd(first);
        queue.TryAdd(second);
        queue.Discard(KeyPrefixes.Of([1]));
        first.IsDisposed.Should().BeTrue();
        second.IsDisposed.Should().BeFalse();
        queue.Length.Should().Be(1);
        queue.Bytes.Should().Be(11);
    }

    private static MemoryEntry Entry(byte key, int size) => new([key], new byte[size], 0);
}

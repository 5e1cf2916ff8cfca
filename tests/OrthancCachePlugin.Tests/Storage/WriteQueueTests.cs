using FluentAssertions;
using OrthancCachePlugin.Core.Serving;
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
        queue.Done(entry);
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
                queue.Done(entry);
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
    public void Regression_one_entry_that_is_larger_than_the_bound_waits_beside_the_others()
    {
        queue.TryAdd(Entry(1, 90)).Should().BeTrue();
        queue.TryAdd(Entry(2, 1000)).Should().BeTrue();
        queue.Done(queue.Take()!);

        queue.TryAdd(Entry(3, 1000)).Should().BeFalse("there is one already");
        queue.TryAdd(Entry(3, 90)).Should().BeTrue("others have the bound to themselves");
        queue.Bytes.Should().Be(1001 + 91);

        queue.Done(queue.Take()!);
        queue.TryAdd(Entry(4, 1000)).Should().BeTrue();
        queue.Discard(KeyPrefixes.All);
        queue.Bytes.Should().Be(0);
        queue.TryAdd(Entry(5, 1000)).Should().BeTrue();
    }

    [Fact]
    public void A_place_that_is_kept_counts_until_it_is_used_or_given_up()
    {
        var (first, second) = (Entry(1, 10), Entry(2, 10));
        queue.TryReserve(first).Should().BeTrue();
        queue.TryReserve(second).Should().BeTrue();
        queue.TryAdd(Entry(3, 10)).Should().BeFalse();
        queue.WaitUntilDone(TimeSpan.Zero).Should().BeTrue("nothing is there yet");

        queue.GiveUpReserved(second);
        queue.TryAdd(Entry(3, 10)).Should().BeTrue();
        queue.Close();
        queue.TryAddReserved(first).Should().BeFalse();
        queue.Bytes.Should().Be(11);
    }

    [Fact]
    public void Regression_an_entry_that_throws_when_it_is_disposed_of_is_done_nevertheless()
    {
        queue.TryAdd(new MemoryEntry([1], new byte[10], 0) { OnDispose = () => throw new InvalidOperationException("Injected") });
        queue.TryAdd(new MemoryEntry([2], new byte[10], 0) { OnDispose = () => throw new InvalidOperationException("Injected") });

        queue.Done(queue.Take()!);
        queue.Discard(KeyPrefixes.All);

        queue.Bytes.Should().Be(0);
        queue.WaitUntilDone(TimeSpan.Zero).Should().BeTrue();
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

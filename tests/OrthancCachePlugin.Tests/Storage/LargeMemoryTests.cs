using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Tests.Bindings;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>The memory that is kept belongs to the process, so no other test may run beside these.</summary>
[Collection(NativeMemoryCollection.Name)]
public sealed class LargeMemoryTests
{
    /// <summary>More than glibc ever takes from its heap, so that fresh memory is empty.</summary>
    private const int Size = 48 << 20;
    private const byte Mark = 0xA7;

    [Fact]
    public void Large_memory_is_used_again_and_what_nobody_needs_goes_back_to_the_system()
    {
        SharedBuffer.FreeIdle();
        using (var first = new SharedBuffer(Size))
        {
            first.Span[1000] = Mark;
        }

        new SharedBuffer(Size / 3).Dispose(); // much smaller: does not take it
        using (var second = new SharedBuffer(Size - 1000))
        {
            second.Span.Length.Should().Be(Size - 1000);
            second.Span[1000].Should().Be(Mark);
        }

        SharedBuffer.TrimIdle();
        SharedBuffer.TrimIdle();
        using var third = new SharedBuffer(Size);
        third.Span[1000].Should().Be(0);
    }
}

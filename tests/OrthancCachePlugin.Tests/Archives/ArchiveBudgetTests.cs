using OrthancCachePlugin.Core.Archives;

namespace OrthancCachePlugin.Tests.Archives;

public sealed class ArchiveBudgetTests
{
    private readonly ArchiveBudget _budget = new(100, TimeProvider.System);

    [Fact]
    public void Is_one_for_all_and_given_back_once()
    {
        var first = _budget.TryTake(60, TimeSpan.Zero)!;
        _budget.TryTake(41, TimeSpan.FromMilliseconds(1)).Should().BeNull();
        using var second = _budget.TryTake(40, TimeSpan.Zero);
        second.Should().NotBeNull();

        first.Dispose();
        first.Dispose();

        _budget.TryTake(61, TimeSpan.Zero).Should().BeNull();
        _budget.TryTake(60, TimeSpan.Zero).Should().NotBeNull();
    }

    [Fact]
    public async Task Is_waited_for()
    {
        var first = _budget.TryTake(100, TimeSpan.Zero)!;
        var waiting = Task.Run(() => _budget.TryTake(1, TimeSpan.FromMinutes(1)));

        first.Dispose();

        (await waiting).Should().NotBeNull();
    }
}

using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Tests.Fakes;
using Xunit;

namespace OrthancCachePlugin.Tests.Serving;

public sealed class AllocationTests
{
    private const int Times = 500;
    private readonly CacheFixture _fixture = new();

    [Fact]
    public void A_small_hit_allocates_nothing()
    {
        var exchange = new SilentExchange(Encoding.ASCII.GetBytes(CacheFixture.Series), () => _fixture.Ask(CacheFixture.Series));

        Allocated(exchange).Should().Be(0);

        exchange.Hits.Should().BeGreaterThanOrEqualTo(Times);
    }

    [Fact]
    public void A_304_allocates_nothing()
    {
        var tag = _fixture.Get(CacheFixture.Series)["ETag"];
        var exchange = new SilentExchange(
            Encoding.ASCII.GetBytes(CacheFixture.Series), () => _fixture.Ask(CacheFixture.Series), Encoding.ASCII.GetBytes(tag!));

        Allocated(exchange).Should().Be(0);

        exchange.NotModifieds.Should().BeGreaterThanOrEqualTo(Times);
    }

    private long Allocated(SilentExchange exchange)
    {
        for (var i = 0; i < 100; i++)
        {
            _fixture.Cache.Serve(exchange);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Times; i++)
        {
            _fixture.Cache.Serve(exchange);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}

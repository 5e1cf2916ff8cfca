using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Tests.Serving;

public sealed class RequestMemoryTests
{
    private readonly RequestMemory _memory = new(4, floor: 100);

    [Fact]
    public void Finds_what_it_remembers_and_nothing_else()
    {
        var entry = Entry(1, 50);
        _memory.Find(entry.Request).Should().BeNull();
        _memory.Remember(entry);
        _memory.Find(entry.Request).Should().BeSameAs(entry);
        _memory.Find(new Digest128(1, 9)).Should().BeNull("it only has the same place");
        _memory.Find(new Digest128(2, 0)).Should().BeNull();
    }

    [Fact]
    public void Remembers_as_a_floor_the_date_of_what_is_displaced()
    {
        _memory.Remember(Entry(1, 150));
        _memory.Remember(Entry(1, 160));
        _memory.Floor.Should().Be(100, "its own place has its date");
        _memory.Remember(Entry(5, 10));
        _memory.Floor.Should().Be(160);
        _memory.Remember(Entry(1, 10));
        _memory.Floor.Should().Be(160, "a floor only rises");
    }

    [Fact]
    public void Remembers_nothing_where_the_place_has_changed_meanwhile()
    {
        var seen = _memory.Peek(new Digest128(1, 0));
        _memory.Remember(Entry(1, 150));
        _memory.TryRemember(Entry(1, 160), seen).Should().BeFalse();
        _memory.Find(new Digest128(1, 0))!.LastModified.Should().Be(150);
    }

    private static RequestMemory.Entry Entry(ulong request, long lastModified) => new(new Digest128(request, 0), default, 1, lastModified);
}

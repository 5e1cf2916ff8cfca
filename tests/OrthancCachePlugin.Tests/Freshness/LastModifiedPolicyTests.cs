using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Tests.Freshness;

/// <summary>A version has a later date than every date that went out with another version of the same request.</summary>
public sealed class LastModifiedPolicyTests
{
    private const long Start = 1000;
    private static readonly Digest128 Request = new(1, 0);
    private static readonly Digest128 SamePlace = new(5, 0);
    private static readonly Digest128 First = new(0, 1);
    private static readonly Digest128 Second = new(0, 2);
    private readonly LastModifiedPolicy _dates = new(4, Start);

    [Fact]
    public void A_version_keeps_its_date_and_is_found_by_its_own_request_alone()
    {
        var date = _dates.Answered(Request, First, lastUpdate: 1010, since: 0, now: 1020);
        date.Should().Be(1011, "another change in the second of LastUpdate cannot be told from it");
        _dates.Answered(Request, First, lastUpdate: 1010, since: 0, now: 1090).Should().Be(date);
        _dates.Find(Request, First, since: 0, now: 1090).Should().Be(date);
        _dates.Find(Request, Second, since: 0, now: 1090).Should().BeNull();
        _dates.Find(SamePlace, First, since: 0, now: 1090).Should().BeNull("it only has the same place");
    }

    [Theory]
    [InlineData(1050, 1051)]
    [InlineData(900, 1012)]
    public void Another_version_has_a_later_date_than_now_and_than_the_one_before_even_where_the_clock_was_set_back(long now, long expected)
    {
        _dates.Answered(Request, First, lastUpdate: 1010, since: 0, now: 1020);
        _dates.Answered(Request, Second, lastUpdate: 0, since: 0, now).Should().Be(expected);
    }

    [Fact]
    public void What_may_have_changed_before_the_start_without_a_trace_has_a_date_after_the_start() =>
        _dates.Answered(Request, First, lastUpdate: 500, since: 0, now: 1020).Should().Be(Start + 1);

    [Fact]
    public void A_stored_response_knows_its_date_better()
    {
        _dates.Found(Request, First, stored: 500, since: 0, now: 1020).Should().Be(500);
        _dates.Found(Request, Second, stored: 500, since: 0, now: 1020).Should().Be(1021, "another version was seen before it");
    }

    [Fact]
    public void A_date_that_is_displaced_raises_the_floor_but_never_above_the_clock()
    {
        _dates.Answered(Request, First, lastUpdate: 1010, since: 0, now: 1020);
        _dates.Answered(SamePlace, First, lastUpdate: 500, since: 0, now: 1020).Should().Be(Start + 1, "it never had another date itself");
        _dates.Answered(Request, Second, lastUpdate: 500, since: 0, now: 1020).Should().Be(1012);
        for (var i = 0; i < 100; i++)
        {
            _dates.Answered(i % 2 == 0 ? SamePlace : Request, First, lastUpdate: 500, since: 0, now: 1020).Should().BeLessThanOrEqualTo(1021);
        }
    }

    [Fact]
    public void No_date_is_from_before_the_settings_became_what_they_are()
    {
        _dates.Answered(Request, First, lastUpdate: 1010, since: 0, now: 1020);
        _dates.Find(Request, First, since: 1015, now: 1020).Should().Be(1015);
        _dates.Found(SamePlace, First, stored: 500, since: 1016, now: 1020).Should().Be(1016);
        _dates.Find(Request, First, since: 0, now: 1020).Should().BeNull("it was displaced");
    }

    [Fact]
    public void A_body_of_a_volatile_route_has_the_present_second_unless_another_one_had_it()
    {
        _dates.Quiet(Request, First, revision: 1, since: 0, now: 1020).Should().Be(1020);
        _dates.Quiet(Request, First, revision: 1, since: 0, now: 1030).Should().Be(1020);
        _dates.Quiet(Request, Second, revision: 1, since: 0, now: 1020).Should().Be(1021, "it is not sent before");
        _dates.Quiet(Request, First, revision: 2, since: 0, now: 1040).Should().Be(1040);
    }

    [Fact]
    public void What_is_true_after_a_response_without_validators_is_later_than_its_Date()
    {
        _dates.SentWithoutValidators(Request, now: 1020);
        _dates.Find(Request)!.Version.Should().Be(default(Digest128));
        _dates.Answered(Request, First, lastUpdate: 500, since: 0, now: 1030).Should().Be(1021);
        _dates.SentWithoutValidators(Request, now: 1040);
        _dates.Find(Request, First, since: 0, now: 1050).Should().Be(1041);
    }

    [Fact]
    public void Threads_that_change_one_request_never_give_one_date_to_two_versions()
    {
        var given = new System.Collections.Concurrent.ConcurrentBag<(long Date, Digest128 Version)>();
        var threads = Enumerable.Range(0, 4).Select(t => new Thread(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                var version = new Digest128((ulong)i, (ulong)t + 1);
                given.Add((_dates.Answered(Request, version, lastUpdate: 0, since: 0, now: 1020), version));
            }
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        given.Select(g => g.Date).Should().OnlyHaveUniqueItems();
    }
}

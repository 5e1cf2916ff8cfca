using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Threads;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Origin;

public sealed class SingleFlightTests
{
    private static readonly byte[] Key = [7, 8, 9];
    private static readonly Digest128 Digest = new(1, 2);
    private static readonly TimeSpan Ample = TimeSpan.FromMinutes(1);
    private readonly SingleFlight _flights = new();
    private readonly ResponseLedger _ledger = new();

    [Fact]
    public void The_first_leads_and_those_who_come_later_get_its_response()
    {
        var leader = Join(out var leads);
        leads.Should().BeTrue();
        var follower = Join(out leads);
        leads.Should().BeFalse();
        follower.Should().BeSameAs(leader);

        using (var response = new FakeResponse("body", _ledger))
        {
            leader.Publish(response);
            using var shared = follower.Wait(Ample);
            shared.Should().BeSameAs(response);
        }

        _ledger.Outstanding.Should().Be(1, "the flight holds it until it ends");
        leader.End();
        _ledger.Outstanding.Should().Be(0);
        _flights.Count.Should().Be(0);
    }

    [Fact]
    public void Two_keys_with_one_digest_do_not_share_a_response()
    {
        var leader = Join(out _);

        var other = _flights.Join([7, 8, 10], Digest, out var leads);
        leads.Should().BeTrue();
        other.Should().NotBeSameAs(leader);
        other.End();

        Join(out leads).Should().BeSameAs(leader, "the end of a flight that nobody finds leaves the other one alone");
        leads.Should().BeFalse();
        leader.End();
        _flights.Count.Should().Be(0);
    }

    [Fact]
    public void Many_wait_and_each_gets_a_reference_even_where_the_flight_ends_at_once()
    {
        const int Followers = 20;
        var leader = Join(out _);
        var bodies = 0;
        var leaders = 0;
        var threads = Enumerable.Range(0, Followers).Select(_ => new Thread(() =>
        {
            var flight = Join(out var leads);
            Interlocked.Add(ref leaders, leads ? 1 : 0);
            using var shared = flight.Wait(Ample);
            Interlocked.Add(ref bodies, shared is { Body.Length: 4 } ? 1 : 0);
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        SpinWait.SpinUntil(() => leader.Waiting == Followers, Ample).Should().BeTrue();
        using (var response = new FakeResponse("body", _ledger))
        {
            leader.Publish(response);
            leader.End();
        }

        Array.ForEach(threads, t => t.Join());
        leaders.Should().Be(0);
        bodies.Should().Be(Followers);
        _ledger.Outstanding.Should().Be(0);
    }

    [Fact]
    public void A_leader_that_fails_lets_the_others_go()
    {
        var leader = Join(out _);
        var follower = Join(out _);
        leader.End();
        follower.Wait(Ample).Should().BeNull();
        Join(out var leads).Should().NotBeSameAs(leader);
        leads.Should().BeTrue();
    }

    [Fact]
    public void Whoever_has_waited_long_enough_goes_alone()
    {
        var leader = Join(out _);
        Join(out _).Wait(TimeSpan.Zero).Should().BeNull();
        leader.End();
        _flights.Count.Should().Be(0);
    }

    [Fact]
    public void What_is_published_after_the_end_or_twice_is_not_held()
    {
        var flight = Join(out _);
        using (var first = new FakeResponse("1", _ledger))
        using (var second = new FakeResponse("2", _ledger))
        {
            flight.Publish(first);
            flight.Publish(second);
            flight.End();
            flight.End();
            flight.Publish(second);
            flight.Wait(Ample).Should().BeNull();
        }

        _ledger.Outstanding.Should().Be(0);
    }

    [Fact]
    public void An_older_flight_that_ends_does_not_take_a_newer_one_with_it()
    {
        var old = Join(out _);
        old.End();
        var next = Join(out _);
        old.End();
        Join(out var leads).Should().BeSameAs(next);
        leads.Should().BeFalse();
    }

    [Fact]
    public void After_a_removal_another_flight_begins_and_those_who_wait_get_their_response()
    {
        var old = Join(out _);
        var follower = Join(out _);
        _flights.Forget(KeyPrefixes.Of([1]));
        Join(out _).Should().BeSameAs(old, "another key was removed");

        _flights.Forget(KeyPrefixes.Of([7]));

        var next = Join(out var leads);
        leads.Should().BeTrue();
        next.Should().NotBeSameAs(old);
        using (var response = new FakeResponse("body", _ledger))
        {
            old.Publish(response);
            using var shared = follower.Wait(Ample);
            shared.Should().BeSameAs(response);
            next.Wait(TimeSpan.Zero).Should().BeNull();
        }

        old.End();
        Join(out leads).Should().BeSameAs(next);
        next.End();
        _ledger.Outstanding.Should().Be(0);
    }

    private Flight Join(out bool isLeader) => _flights.Join(Key, Digest, out isLeader);
}

using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.Freshness;

public sealed class ChangeTrackerTests
{
    private const long Second = TimeSpan.TicksPerSecond;
    private static readonly Resource Study = new(ResourceLevel.Study, new ResourceId(1, 2, 3));
    private static readonly Digest128 Job = new(1, 1);
    private readonly ChangeTracker _tracker = new();

    [Fact]
    public void Is_settled_at_first_and_reads_move_nothing()
    {
        var mark = _tracker.Read(0);
        mark.ContentSettled.Should().BeTrue();
        mark.AnySettled.Should().BeTrue();
        _tracker.RequestSeen(1, MutationScope.None, null, 1);
        _tracker.Read(2).Should().Be(mark);
    }

    [Fact]
    public void A_stored_instance_moves_both_numbers_and_unsettles_nothing()
    {
        var before = _tracker.Read(0);
        _tracker.InstanceStored(5);
        var after = _tracker.Read(5);
        after.Content.Should().BeGreaterThan(before.Content);
        after.Any.Should().BeGreaterThan(before.Any);
        after.ContentSettled.Should().BeTrue();
        after.MovedAt.Should().Be(5);
        after.DeepBefore.Should().Be(before.DeepBefore, "what was stored shows in LastUpdate");
    }

    [Fact]
    public void A_reported_change_moves_what_depends_on_it()
    {
        var before = _tracker.Read(0);
        _tracker.Changed(MutationScope.Annotations, 5);
        var annotated = _tracker.Read(5);
        (annotated.Content, annotated.Any).Should().Be((before.Content, before.Any + 1));
        _tracker.Changed(MutationScope.Content, 6);
        var changed = _tracker.Read(6);
        (changed.Content, changed.Any).Should().Be((before.Content + 1, before.Any + 2));
        changed.MovedAt.Should().Be(6);
    }

    [Fact]
    public void A_sign_that_was_lost_moves_everything_and_nothing_is_settled_for_as_long_as_a_request_may_run()
    {
        var before = _tracker.Read(0);
        var settings = _tracker.Settings;
        _tracker.Distrust(5);
        var after = _tracker.Read(5);
        after.Content.Should().BeGreaterThan(before.Content);
        after.Any.Should().BeGreaterThan(before.Any);
        _tracker.Settings.Should().BeGreaterThan(settings);
        foreach (var settled in (Func<RevisionMark, bool>[])[m => m.ContentSettled, m => m.AnySettled, m => m.SettingsSettled])
        {
            settled(after).Should().BeFalse();
            settled(_tracker.Read(4 + ChangeTracker.RequestTimeout)).Should().BeFalse();
            settled(_tracker.Read(5 + ChangeTracker.RequestTimeout)).Should().BeTrue();
        }
    }

    [Fact]
    public void Annotations_move_and_unsettle_only_what_depends_on_them()
    {
        var before = _tracker.Read(0);
        _tracker.RequestSeen(1, MutationScope.Annotations, null, 0);
        var during = _tracker.Read(1);
        during.Content.Should().Be(before.Content);
        during.ContentSettled.Should().BeTrue();
        during.Any.Should().BeGreaterThan(before.Any);
        during.AnySettled.Should().BeFalse();
    }

    [Fact]
    public void A_request_runs_until_the_next_one_on_its_thread_and_then_settles()
    {
        _tracker.RequestSeen(1, MutationScope.Content, null, 0);
        _tracker.RequestSeen(2, MutationScope.None, null, 1);
        _tracker.Read(60 * Second).ContentSettled.Should().BeFalse("another thread says nothing of it");

        _tracker.RequestSeen(1, MutationScope.None, null, 60 * Second);
        var ended = _tracker.Read(60 * Second);
        ended.ContentSettled.Should().BeFalse("it may have submitted a job");
        ended.DeepBefore.Should().Be(ended.Content, "what it deleted may not have been told yet");
        _tracker.Read((60 * Second) + ChangeTracker.SettlingTime - 1).ContentSettled.Should().BeFalse();
        _tracker.Read((60 * Second) + ChangeTracker.SettlingTime).ContentSettled.Should().BeTrue();
    }

    [Fact]
    public void A_request_of_which_nothing_is_heard_again_times_out()
    {
        _tracker.RequestSeen(1, MutationScope.Content, null, 0);
        var during = _tracker.Read(ChangeTracker.RequestTimeout - 1);
        during.ContentSettled.Should().BeFalse();
        var after = _tracker.Read(ChangeTracker.RequestTimeout);
        after.ContentSettled.Should().BeTrue();
        after.Content.Should().BeGreaterThan(during.Content);
        after.DeepBefore.Should().Be(after.Content);
    }

    [Fact]
    public void A_delete_that_ends_settles_at_once_but_is_looked_for_deeply()
    {
        _tracker.RequestSeen(1, MutationScope.Content, Study, 0);
        var during = _tracker.Read(0);
        _tracker.RequestSeen(1, MutationScope.None, null, Second);
        var after = _tracker.Read(Second);
        after.ContentSettled.Should().BeTrue();
        after.DeepBefore.Should().BeGreaterThan(during.Content);
    }

    [Fact]
    public void Regression_the_event_of_an_earlier_deletion_does_not_end_a_delete_that_has_not_run_yet()
    {
        _tracker.RequestSeen(1, MutationScope.Content, Study, 0);
        _tracker.ResourceDeleted(Study, Second);
        _tracker.Read(2 * Second).ContentSettled.Should().BeFalse();
        _tracker.Read(Second + ChangeTracker.SettlingTime).ContentSettled.Should().BeTrue();
    }

    [Fact]
    public void The_event_of_another_resource_says_nothing_of_a_delete()
    {
        _tracker.RequestSeen(1, MutationScope.Content, Study, 0);
        _tracker.ResourceDeleted(Study with { Level = ResourceLevel.Series }, Second);
        _tracker.Read(Second + ChangeTracker.SettlingTime).ContentSettled.Should().BeFalse();
    }

    [Fact]
    public void A_job_runs_from_its_first_event_to_its_last()
    {
        _tracker.JobSubmitted(Job, 0);
        _tracker.Read(1000 * Second).ContentSettled.Should().BeFalse();
        _tracker.JobEnded(new Digest128(2, 2), 1000 * Second);
        _tracker.Read(1000 * Second).ContentSettled.Should().BeFalse();
        _tracker.JobEnded(Job, 1000 * Second);
        _tracker.Read(1000 * Second).ContentSettled.Should().BeTrue();
    }

    [Fact]
    public void Regression_after_a_job_all_is_read_deeply_for_its_last_event_overtakes_those_of_what_it_did()
    {
        _tracker.JobSubmitted(Job, 0);
        var during = _tracker.Read(0);
        _tracker.JobEnded(Job, Second);
        _tracker.Read(Second).DeepBefore.Should().BeGreaterThan(during.Content);
    }

    [Fact]
    public void More_than_can_be_followed_is_unsettled_until_it_times_out()
    {
        for (var i = 0; i <= ChangeTracker.MaximumFollowed; i++)
        {
            _tracker.JobSubmitted(new Digest128((ulong)i, 7), 0);
        }

        for (var i = 0; i <= ChangeTracker.MaximumFollowed; i++)
        {
            _tracker.JobEnded(new Digest128((ulong)i, 7), Second);
        }

        _tracker.Read(Second).ContentSettled.Should().BeFalse();
        _tracker.Read(ChangeTracker.RequestTimeout).ContentSettled.Should().BeTrue();
    }

    [Fact]
    public void Where_others_write_to_the_database_nothing_ever_settles()
    {
        var tracker = new ChangeTracker(neverSettles: true);
        tracker.Read(long.MaxValue).ContentSettled.Should().BeFalse();
        tracker.Read(long.MaxValue).AnySettled.Should().BeFalse();
    }

    [Fact]
    public void While_it_is_held_nothing_is_settled()
    {
        _tracker.Hold();
        _tracker.Read(long.MaxValue - 1).ContentSettled.Should().BeFalse();
        _tracker.Release(5 * Second);
        _tracker.Read((5 * Second) - 1).AnySettled.Should().BeFalse();
        _tracker.Read(5 * Second).AnySettled.Should().BeTrue();
    }

    [Fact]
    public void A_job_that_may_have_been_resumed_unsettles_for_as_long_as_a_request()
    {
        var before = _tracker.Read(0);
        _tracker.JobMayRun(0);
        _tracker.Read(0).Content.Should().BeGreaterThan(before.Content);
        _tracker.Read(ChangeTracker.RequestTimeout - 1).ContentSettled.Should().BeFalse();
        _tracker.Read(ChangeTracker.RequestTimeout).ContentSettled.Should().BeTrue();
    }

    [Fact]
    public void No_reader_sees_a_running_request_as_settled_under_its_own_number()
    {
        // From the first request on, even numbers are those of a running one.
        var writer = new Thread(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                _tracker.RequestSeen(1, MutationScope.Content, Study, 0);
                _tracker.RequestSeen(1, MutationScope.None, null, 0);
            }
        });
        var wrong = 0;
        writer.Start();
        while (writer.IsAlive)
        {
            var mark = _tracker.Read(0);
            wrong += mark.Content % 2 == 0 && mark.ContentSettled && _tracker.Read(0).Content == mark.Content ? 1 : 0;
        }

        wrong.Should().Be(0);
    }
}

using FluentAssertions;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Tests.WarmUp;
using Xunit;

namespace OrthancCachePlugin.Tests.Administration;

/// <summary>What fails is tried again, and Orthanc does not wait for it for ever when it stops.</summary>
public sealed class DeletedResourcesFailureTests : IDisposable
{
    private const int Failed = 601;
    private const int StillBusy = 106;
    private readonly DeletedResourcesBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void Regression_a_removal_that_failed_is_tried_again_and_each_cause_is_said_once()
    {
        bench.Finish();
        Exception[] failures = [new IOException(), new IOException(), new InvalidOperationException(), new IOException()];
        bench.Hold(Resources.Study(1), exists: false);
        bench.Deletions.Deleted(Resources.Study(1));
        foreach (var failure in failures)
        {
            bench.Time.Advance(DeletedResources.Quiet);
            bench.Store.OnRemove = () => throw failure;
            bench.Deletions.RunOnce().Should().Be(DeletedResources.Quiet);
            bench.Store.OnRemove = null;
            bench.Deletions.RunOnce().Should().Be(DeletedResources.Quiet, "it comes again in its time, and not at once");
        }

        bench.Log.Count(Failed).Should().Be(2, "two kinds of exception came");
        bench.Store.Entries.Should().HaveCount(1);
        bench.Time.Advance(DeletedResources.Quiet);
        bench.Deletions.RunOnce().Should().Be(TimeSpan.Zero);
        bench.Store.Entries.Should().BeEmpty();
        bench.Deletions.RunOnce().Should().BeNull();
    }

    [Fact]
    public void Regression_what_was_deleted_while_nobody_listened_is_found_although_the_first_search_failed()
    {
        bench.Hold(Resources.Study(1), exists: false);
        bench.Time.Advance(DeletedResources.Quiet);
        bench.Store.OnRemove = () => throw new IOException();
        bench.Deletions.RunOnce();
        bench.Store.OnRemove = null;

        bench.Time.Advance(DeletedResources.Quiet);
        bench.Deletions.RunOnce();

        bench.Store.Entries.Should().BeEmpty();
    }

    [Fact]
    public void A_deletion_leaves_memory_at_once_while_the_disk_is_waited_for_after_a_failure()
    {
        bench.Finish();
        bench.Hold(Resources.Study(1), exists: false);
        bench.Deletions.Deleted(Resources.Study(1));
        bench.Time.Advance(DeletedResources.Quiet);
        bench.Store.OnRemove = () => throw new IOException();
        bench.Deletions.RunOnce();
        bench.Forgotten.Clear();

        bench.Deletions.Deleted(Resources.Study(2));
        bench.Deletions.RunOnce().Should().Be(DeletedResources.Quiet);

        bench.Forgotten.Should().ContainSingle().Which.Match(DeletedResourcesBench.Key(Resources.Study(2))).Should().BeTrue();
    }

    [Fact]
    public void Regression_memory_that_could_not_be_told_to_forget_is_told_again()
    {
        bench.Finish();
        bench.OnForget = () => throw new IOException();
        bench.Deletions.Deleted(Resources.Study(1));
        bench.Deletions.RunOnce().Should().Be(DeletedResources.Quiet);
        bench.OnForget = null;

        bench.Deletions.RunOnce();

        bench.Forgotten.Should().ContainSingle().Which.Match(DeletedResourcesBench.Key(Resources.Study(1))).Should().BeTrue();
    }

    [Fact]
    public void Regression_the_thread_goes_on_after_a_failure()
    {
        using var removed = new ManualResetEventSlim();
        var attempts = 0;
        bench.Hold(Resources.Study(1), exists: false);
        bench.Store.OnRemove = () =>
        {
            if (Interlocked.Increment(ref attempts) < 3)
            {
                throw new IOException();
            }

            removed.Set();
        };

        bench.Deletions.Start();

        WhileTimeGoesOn(() => removed.IsSet).Should().BeTrue();
        bench.Log.Count(Failed).Should().Be(1);
    }

    [Fact]
    public void Regression_Orthanc_stops_although_the_disk_takes_for_ever()
    {
        using var began = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var isOver = false;
        bench.Hold(Resources.Study(1), exists: false);
        bench.Store.OnRemove = () =>
        {
            began.Set();
            release.Wait();
            isOver = true;
            throw new IOException();
        };
        bench.Time.Advance(DeletedResources.Quiet);
        bench.Deletions.Start();
        began.Wait();

        var stopping = new Thread(bench.Deletions.Dispose);
        stopping.Start();
        var hasStopped = WhileTimeGoesOn(() => !stopping.IsAlive);
        var asked = bench.Origin.Asked.Count;
        isOver.Should().BeFalse();
        release.Set();
        bench.Deletions.Dispose();

        hasStopped.Should().BeTrue();
        bench.Log.Count(StillBusy).Should().Be(1);
        isOver.Should().BeTrue("it was waited for the second time");
        bench.Log.Count(Failed).Should().Be(0, "the log is Orthanc's, which is gone");
        bench.Origin.Asked.Should().HaveCount(asked, "so is the origin");
    }

    [Fact]
    public void Stopping_waits_for_what_is_being_removed_and_says_nothing()
    {
        using var began = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        bench.Hold(Resources.Study(1), exists: false);
        bench.Store.OnRemove = () =>
        {
            began.Set();
            release.Wait();
        };
        bench.Time.Advance(DeletedResources.Quiet);
        bench.Deletions.Start();
        began.Wait();

        bench.Deletions.Stop();
        release.Set();
        bench.Deletions.Dispose();

        bench.Store.Entries.Should().BeEmpty();
        bench.Log.Lines.Should().BeEmpty();
    }

    [Fact]
    public void Between_two_questions_about_a_resource_Orthanc_may_have_stopped()
    {
        bench.Hold(Resources.Study(1), exists: false);
        bench.Remover.IsDeleted(Resources.Study(1), () => false).Should().BeFalse("nobody knows");

        bench.Origin.Asked.Should().ContainSingle();
    }

    /// <summary>Moves the clock on meanwhile. The limit is there to end a broken run.</summary>
    private bool WhileTimeGoesOn(Func<bool> isDone)
    {
        var limit = Deadline.After(TimeSpan.FromMinutes(1));
        while (!isDone() && !limit.IsOver)
        {
            bench.Time.GoOn();
        }

        return isDone();
    }
}

using System.Text;
using System.Text.Json;
using FluentAssertions;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.WarmUp;
using OrthancCachePlugin.Core.WarmUp.Jobs;
using Xunit;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>A warm-up on demand as the jobs engine drives it.</summary>
public sealed class WarmUpJobTests : IDisposable
{
    private readonly SteppedTime time = new();
    private readonly TextCore core = new();
    private readonly RecordingWarmer warmer = new();
    private readonly ListedStore store = new();
    private readonly ServingCounters serving = new();
    private readonly WarmUpJobs jobs;

    public WarmUpJobTests()
    {
        var routes = new WarmUpRoutes(["shared-tags"]);
        jobs = new WarmUpJobs(
            routes, warmer, new ResourceTree(core), new LoadGate(serving, time), store, new WarmUpCounters(), time);

        core.Answers["/system"] = "{}";

        // Each call takes a second, so that a step ends after it.
        warmer.Answer = (_, _) =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return WarmUpOutcome.Stored;
        };
    }

    public void Dispose() => jobs.Dispose();

    [Fact]
    public void A_patient_is_warmed_with_all_below_it_the_smallest_first()
    {
        core.Answers[$"/patients/{Resources.Id(1)}"] = $$"""{"Studies":["{{Resources.Id(2)}}"]}""";
        core.Answers[$"/studies/{Resources.Id(2)}"] = $$"""{"Series":["{{Resources.Id(3)}}","{{Resources.Id(4)}}"]}""";
        var job = jobs.ForResources([Resources.Patient(1)]);

        Run(job).Should().Be(JobStep.Success);

        warmer.Calls.Should().Equal("Series 3 shared-tags", "Series 4 shared-tags", "Study 2 shared-tags", "Patient 1 shared-tags");
    }

    [Fact]
    public void Progress_grows_from_step_to_step()
    {
        var job = jobs.ForResources([Resources.Series(1), Resources.Series(2), Resources.Series(3), Resources.Series(4)]);
        var seen = new List<float> { job.Progress };

        while (job.Step() == JobStep.Continue)
        {
            seen.Add(job.Progress);
        }

        job.Stop(hasEnded: true, hasSucceeded: true);
        seen.Add(job.Progress);
        seen.Should().BeInAscendingOrder().And.StartWith([0f]).And.EndWith([1f]);
        seen.Distinct().Should().HaveCountGreaterThan(3);
    }

    [Fact]
    public void The_whole_archive_goes_from_the_newest_study_to_the_oldest()
    {
        Archive(3);

        Run(jobs.ForAll()).Should().Be(JobStep.Success);

        warmer.Calls.Should().Equal(
            "Study 3 shared-tags", "Patient 30 shared-tags", "Study 2 shared-tags", "Patient 20 shared-tags", "Study 1 shared-tags", "Patient 10 shared-tags");
    }

    [Fact]
    public void The_whole_archive_rests_as_long_as_each_computation_took()
    {
        Archive(2);
        var ends = new List<long>();
        var starts = new List<long>();
        warmer.Answer = (_, _) =>
        {
            starts.Add(time.GetTimestamp());
            time.Advance(TimeSpan.FromMilliseconds(700));
            ends.Add(time.GetTimestamp());
            return WarmUpOutcome.Stored;
        };

        Run(jobs.ForAll()).Should().Be(JobStep.Success);

        starts.Skip(1).Zip(ends, (start, end) => TimeSpan.FromTicks(start - end))
            .Should().HaveCount(3).And.OnlyContain(rest => rest >= TimeSpan.FromMilliseconds(700));
    }

    [Fact]
    public void A_job_continues_after_a_restart_where_it_was()
    {
        var job = jobs.ForResources([Resources.Series(1), Resources.Series(2), Resources.Series(3)]);
        job.Step();
        job.Step();
        var done = warmer.Calls.Count;
        done.Should().BeInRange(1, 2);

        var again = jobs.TryRestore(job.GetSerialized());
        Run(again!).Should().Be(JobStep.Success);

        // What was being done may be done again, the rest exactly once.
        warmer.Calls.Distinct().Should().HaveCount(3);
        warmer.Calls.Count(c => c == "Series 1 shared-tags").Should().Be(1);
        warmer.Calls.Count(c => c == "Series 3 shared-tags").Should().Be(1);
        Content(again!).GetProperty("AnswersStored").GetInt32().Should().Be(3, "what was counted before is counted on, each resource once");
        Content(again!).GetProperty("ResourcesDone").GetInt32().Should().Be(3);
    }

    [Fact]
    public void The_whole_archive_continues_after_a_restart_where_it_was()
    {
        Archive(5);
        var job = jobs.ForAll();
        while (warmer.Calls.Count(c => c.StartsWith("Study", StringComparison.Ordinal)) < 3)
        {
            StepInTime(job);
        }

        var again = jobs.TryRestore(job.GetSerialized())!;
        again.Step();
        again.Progress.Should().BeGreaterThanOrEqualTo(0.4f);
        Run(again).Should().Be(JobStep.Success);

        warmer.Calls.Where(c => c.StartsWith("Study", StringComparison.Ordinal)).Distinct().Should().HaveCount(5);
        warmer.Calls.Count(c => c == "Study 5 shared-tags").Should().Be(1);
        warmer.Calls.Count(c => c == "Study 1 shared-tags").Should().Be(1);
    }

    [Fact]
    public void Reset_begins_again()
    {
        var job = jobs.ForResources([Resources.Series(1)]);
        Run(job);
        job.Stop(hasEnded: true, hasSucceeded: true);

        job.Reset();

        job.Progress.Should().Be(0);
        job.HasEnded.Should().BeFalse();
        Run(job).Should().Be(JobStep.Success);
        warmer.Calls.Should().HaveCount(2);
    }

    [Fact]
    public void A_young_resource_that_somebody_named_is_waited_for()
    {
        var tries = 0;
        warmer.Answer = (_, _) => ++tries < 5 ? WarmUpOutcome.Unsettled : WarmUpOutcome.Stored;
        var job = jobs.ForResources([Resources.Series(1)]);

        Run(job).Should().Be(JobStep.Success);

        Content(job).GetProperty("AnswersStored").GetInt32().Should().Be(1);
        Content(job).GetProperty("AnswersUnsettled").GetInt32().Should().Be(0);
    }

    [Fact]
    public void What_has_no_date_of_its_own_yet_is_tried_again_but_not_for_ever()
    {
        warmer.Answer = (resource, _) => resource == Resources.Series(1) && warmer.Calls.Count < 4 ? WarmUpOutcome.Undated : WarmUpOutcome.Stored;
        var job = jobs.ForResources([Resources.Series(1)]);
        Run(job).Should().Be(JobStep.Success);
        Content(job).GetProperty("AnswersStored").GetInt32().Should().Be(1);

        warmer.Answer = (_, _) => WarmUpOutcome.Undated;
        var never = jobs.ForResources([Resources.Series(1), Resources.Series(2)]);
        Run(never).Should().Be(JobStep.Success);
        Content(never).GetProperty("AnswersNotKept").GetInt32().Should().Be(2);
        warmer.Calls.Count.Should().BeLessThan(200);
    }

    [Fact]
    public void A_resource_that_never_settles_does_not_hold_the_others_up()
    {
        warmer.Answer = (resource, _) => resource == Resources.Series(1) ? WarmUpOutcome.Unsettled : WarmUpOutcome.Stored;
        var job = jobs.ForResources([Resources.Series(1), Resources.Series(2)]);

        Run(job).Should().Be(JobStep.Success);

        Content(job).GetProperty("AnswersStored").GetInt32().Should().Be(1);
        Content(job).GetProperty("AnswersUnsettled").GetInt32().Should().Be(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_core_that_does_not_answer_yet_is_waited_for(bool isAll)
    {
        core.Answers.Clear();
        warmer.Answer = (_, _) => core.Answers.ContainsKey("/system") ? WarmUpOutcome.Stored : WarmUpOutcome.Gone;
        var job = isAll ? jobs.ForAll() : jobs.ForResources([Resources.Study(1)]);
        for (var i = 0; i < 3; i++)
        {
            StepInTime(job).Should().Be(JobStep.Continue);
        }

        core.Answers["/system"] = "{}";
        Archive(1);
        Run(job).Should().Be(JobStep.Success);

        Content(job).GetProperty("ResourcesGone").GetInt32().Should().Be(0);
        Content(job).GetProperty("AnswersStored").GetInt32().Should().BeGreaterThan(0);
    }

    [Fact]
    public void A_core_that_stops_answering_makes_nothing_gone()
    {
        warmer.Answer = (resource, _) =>
        {
            if (resource == Resources.Series(2))
            {
                core.Answers.Clear();
                return WarmUpOutcome.Gone;
            }

            return WarmUpOutcome.Stored;
        };
        var job = jobs.ForResources([Resources.Series(1), Resources.Series(2)]);
        for (var i = 0; i < 5; i++)
        {
            StepInTime(job).Should().Be(JobStep.Continue);
        }

        warmer.Answer = (_, _) => WarmUpOutcome.Stored;
        var again = jobs.TryRestore(job.GetSerialized())!;
        core.Answers["/system"] = "{}";
        Run(again).Should().Be(JobStep.Success);

        warmer.Calls[^1].Should().Be("Series 2 shared-tags");
        Content(again).GetProperty("AnswersStored").GetInt32().Should().Be(2, "one before the restart, one after it");
    }

    [Fact]
    public void Without_a_store_the_job_fails_and_says_why()
    {
        store.Status = new StoreStatus { State = StoreState.Disabled, Reason = "the disk is full" };
        var job = jobs.ForResources([Resources.Series(1)]);

        job.Step().Should().Be(JobStep.Failure);

        Content(job).GetProperty("Failure").GetString().Should().Contain("the disk is full");
        warmer.Calls.Should().BeEmpty();
    }

    [Fact]
    public void The_content_is_counts_and_names_no_resource()
    {
        var job = jobs.ForResources([Resources.Series(1)]);
        Run(job);

        Encoding.UTF8.GetString(job.GetContent()).Should().NotContain(Resources.Id(1).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"Format":2,"Resources":[]}""")]
    [InlineData("""{"Format":1,"Resources":["nonsense"]}""")]
    [InlineData("""{"Format":1,"Resources":{}}""")]
    [InlineData("""{"Format":1,"All":"yes"}""")]
    public void What_cannot_be_read_is_no_job(string serialized)
    {
        jobs.TryRestore(Encoding.UTF8.GetBytes(serialized)).Should().BeNull();
    }

    private static JsonElement Content(WarmUpJob job) => JsonDocument.Parse(job.GetContent()).RootElement;

    private void Archive(uint studies)
    {
        core.Answers["/studies"] = JsonSerializer.Serialize(Enumerable.Range(1, (int)studies).Select(i => Resources.Id((uint)i).ToString()));
        for (uint i = 1; i <= studies; i++)
        {
            core.Answers[$"/studies/{Resources.Id(i)}"] = $$"""{"Series":[],"ParentPatient":"{{Resources.Id(i * 10)}}"}""";
            core.Answers[$"/studies/{Resources.Id(i)}/metadata/LastUpdate"] = $"20230220T15000{i}";
        }
    }

    /// <summary>Runs to the end, and moves the clock while a step waits for it.</summary>
    private JobStep Run(WarmUpJob job)
    {
        JobStep step;
        do
        {
            step = StepInTime(job);
        }
        while (step == JobStep.Continue);
        return step;
    }

    private JobStep StepInTime(WarmUpJob job)
    {
        var step = Task.Run(job.Step);
        while (!step.IsCompleted)
        {
            if (!time.AdvanceToNext())
            {
                Thread.Yield();
            }
        }

        return step.GetAwaiter().GetResult();
    }
}

using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.WarmUp;
using Xunit;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>What a job waits for, for how long, and what it gives up on.</summary>
public sealed class WarmUpJobPatienceTests : IDisposable
{
    private readonly JobBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void A_young_resource_that_somebody_named_is_waited_for()
    {
        var tries = 0;
        bench.Warmer.Respond = (_, _) => ++tries < 5 ? WarmUpOutcome.Unsettled : WarmUpOutcome.Stored;
        var job = bench.Jobs.ForResources([Resources.Series(1)]);

        bench.Run(job).Should().Be(JobStep.Success);

        JobBench.Content(job).GetProperty("ResponsesStored").GetInt32().Should().Be(1);
        JobBench.Content(job).GetProperty("ResponsesUnsettled").GetInt32().Should().Be(0);
    }

    [Fact]
    public void What_the_store_has_no_room_for_yet_is_tried_again_but_not_for_ever()
    {
        bench.Warmer.Respond = (resource, _) => resource == Resources.Series(1) && bench.Warmer.Calls.Count < 4 ? WarmUpOutcome.Busy : WarmUpOutcome.Stored;
        var job = bench.Jobs.ForResources([Resources.Series(1)]);
        bench.Run(job).Should().Be(JobStep.Success);
        JobBench.Content(job).GetProperty("ResponsesStored").GetInt32().Should().Be(1);

        bench.Warmer.Respond = (_, _) => WarmUpOutcome.Busy;
        var never = bench.Jobs.ForResources([Resources.Series(1), Resources.Series(2)]);
        bench.Run(never).Should().Be(JobStep.Success);
        JobBench.Content(never).GetProperty("ResponsesNotCached").GetInt32().Should().Be(2);
        bench.Warmer.Calls.Count.Should().BeLessThan(200);
    }

    [Fact]
    public void What_failed_is_tried_again_but_not_for_ever()
    {
        bench.Warmer.Respond = (_, _) => bench.Warmer.Calls.Count < 4 ? WarmUpOutcome.Failed : WarmUpOutcome.Stored;
        var job = bench.Jobs.ForResources([Resources.Series(1)]);
        bench.Run(job).Should().Be(JobStep.Success);
        JobBench.Content(job).GetProperty("ResponsesStored").GetInt32().Should().Be(1);

        bench.Warmer.Respond = (_, _) => WarmUpOutcome.Failed;
        var never = bench.Jobs.ForResources([Resources.Series(1), Resources.Series(2)]);
        bench.Run(never).Should().Be(JobStep.Success);
        JobBench.Content(never).GetProperty("ResponsesNotCached").GetInt32().Should().Be(2);
        JobBench.Content(never).GetProperty("ResourcesDeleted").GetInt32().Should().Be(0);
        bench.Warmer.Calls.Count.Should().BeInRange(8, 14);
    }

    [Fact]
    public void A_resource_that_never_settles_does_not_hold_the_others_up()
    {
        bench.Warmer.Respond = (resource, _) => resource == Resources.Series(1) ? WarmUpOutcome.Unsettled : WarmUpOutcome.Stored;
        var job = bench.Jobs.ForResources([Resources.Series(1), Resources.Series(2)]);

        bench.Run(job).Should().Be(JobStep.Success);

        JobBench.Content(job).GetProperty("ResponsesStored").GetInt32().Should().Be(1);
        JobBench.Content(job).GetProperty("ResponsesUnsettled").GetInt32().Should().Be(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_origin_that_does_not_answer_yet_is_waited_for(bool isAll)
    {
        bench.Origin.Responses.Clear();
        bench.Warmer.Respond = (_, _) => bench.Origin.Responses.ContainsKey("/system") ? WarmUpOutcome.Stored : WarmUpOutcome.Deleted;
        var job = isAll ? bench.Jobs.ForAll() : bench.Jobs.ForResources([Resources.Study(1)]);
        for (var i = 0; i < 3; i++)
        {
            bench.StepInTime(job).Should().Be(JobStep.Continue);
        }

        bench.Origin.Responses["/system"] = "{}";
        bench.Archive(1);
        bench.Run(job).Should().Be(JobStep.Success);

        JobBench.Content(job).GetProperty("ResourcesDeleted").GetInt32().Should().Be(0);
        JobBench.Content(job).GetProperty("ResponsesStored").GetInt32().Should().BeGreaterThan(0);
    }

    [Fact]
    public void An_origin_that_stops_answering_deletes_nothing()
    {
        bench.Warmer.Respond = (resource, _) =>
        {
            if (resource == Resources.Series(2))
            {
                bench.Origin.Responses.Clear();
                return WarmUpOutcome.Deleted;
            }

            return WarmUpOutcome.Stored;
        };
        var job = bench.Jobs.ForResources([Resources.Series(1), Resources.Series(2)]);
        for (var i = 0; i < 5; i++)
        {
            bench.StepInTime(job).Should().Be(JobStep.Continue);
        }

        bench.Warmer.Respond = (_, _) => WarmUpOutcome.Stored;
        var again = bench.Jobs.TryRestore(job.GetSerialized())!;
        bench.Origin.Responses["/system"] = "{}";
        bench.Run(again).Should().Be(JobStep.Success);

        bench.Warmer.Calls[^1].Should().Be("Series 2 shared-tags");
        JobBench.Content(again).GetProperty("ResponsesStored").GetInt32().Should().Be(2, "one before the restart, one after it");
    }

    [Fact]
    public void Without_a_store_the_job_fails_and_says_why()
    {
        bench.Store.Status = new StoreStatus { State = StoreState.Disabled, Reason = "the disk is full" };
        var job = bench.Jobs.ForResources([Resources.Series(1)]);

        job.Step().Should().Be(JobStep.Failure);

        JobBench.Content(job).GetProperty("Failure").GetString().Should().Contain("the disk is full");
        bench.Warmer.Calls.Should().BeEmpty();
    }
}

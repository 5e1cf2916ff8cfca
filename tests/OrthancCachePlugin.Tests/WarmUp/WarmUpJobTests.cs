using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.WarmUp;
using Xunit;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>A warm-up on demand as the jobs engine drives it.</summary>
public sealed class WarmUpJobTests : IDisposable
{
    private readonly JobBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void A_patient_is_warmed_with_all_below_it_the_smallest_first()
    {
        bench.Origin.Responses[$"/patients/{Resources.Id(1)}"] = $$"""{"Studies":["{{Resources.Id(2)}}"]}""";
        bench.Origin.Responses[$"/studies/{Resources.Id(2)}"] = $$"""{"Series":["{{Resources.Id(3)}}","{{Resources.Id(4)}}"]}""";
        var job = bench.Jobs.ForResources([Resources.Patient(1)]);

        bench.Run(job).Should().Be(JobStep.Success);

        bench.Warmer.Calls.Should().Equal("Series 3 shared-tags", "Series 4 shared-tags", "Study 2 shared-tags", "Patient 1 shared-tags");
    }

    [Fact]
    public void Progress_grows_from_step_to_step()
    {
        var job = bench.Jobs.ForResources([Resources.Series(1), Resources.Series(2), Resources.Series(3), Resources.Series(4)]);
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
        bench.Archive(3);

        bench.Run(bench.Jobs.ForAll()).Should().Be(JobStep.Success);

        bench.Warmer.Calls.Should().Equal(
            "Study 3 shared-tags", "Patient 30 shared-tags", "Study 2 shared-tags", "Patient 20 shared-tags", "Study 1 shared-tags", "Patient 10 shared-tags");
    }

    [Fact]
    public void The_whole_archive_rests_as_long_as_each_computation_took()
    {
        bench.Archive(2);
        var ends = new List<long>();
        var starts = new List<long>();
        bench.Warmer.Respond = (_, _) =>
        {
            starts.Add(bench.Time.GetTimestamp());
            bench.Time.Advance(TimeSpan.FromMilliseconds(700));
            ends.Add(bench.Time.GetTimestamp());
            return WarmUpOutcome.Stored;
        };

        bench.Run(bench.Jobs.ForAll()).Should().Be(JobStep.Success);

        starts.Skip(1).Zip(ends, (start, end) => TimeSpan.FromTicks(start - end))
            .Should().HaveCount(3).And.OnlyContain(rest => rest >= TimeSpan.FromMilliseconds(700));
    }

    [Fact]
    public void Reset_begins_again()
    {
        var job = bench.Jobs.ForResources([Resources.Series(1)]);
        bench.Run(job);
        job.Stop(hasEnded: true, hasSucceeded: true);

        job.Reset();

        job.Progress.Should().Be(0);
        job.HasEnded.Should().BeFalse();
        bench.Run(job).Should().Be(JobStep.Success);
        bench.Warmer.Calls.Should().HaveCount(2);
    }

    [Fact]
    public void The_content_is_counts_and_names_no_resource()
    {
        var job = bench.Jobs.ForResources([Resources.Series(1)]);
        bench.Run(job);

        Encoding.UTF8.GetString(job.GetContent()).Should().NotContain(Resources.Id(1).ToString());
    }
}

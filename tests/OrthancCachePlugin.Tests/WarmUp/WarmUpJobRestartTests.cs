using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.WarmUp;
using Xunit;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>A job is written down after each step, and goes on from that.</summary>
public sealed class WarmUpJobRestartTests : IDisposable
{
    private readonly JobBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void A_job_continues_after_a_restart_where_it_was()
    {
        var job = bench.Jobs.ForResources([Resources.Series(1), Resources.Series(2), Resources.Series(3)]);
        job.Step();
        job.Step();
        var done = bench.Warmer.Calls.Count;
        done.Should().BeInRange(1, 2);

        var again = bench.Jobs.TryRestore(job.GetSerialized());
        bench.Run(again!).Should().Be(JobStep.Success);

        // What was being done may be done again, the rest exactly once.
        bench.Warmer.Calls.Distinct().Should().HaveCount(3);
        bench.Warmer.Calls.Count(c => c == "Series 1 shared-tags").Should().Be(1);
        bench.Warmer.Calls.Count(c => c == "Series 3 shared-tags").Should().Be(1);
        JobBench.Content(again!).GetProperty("ResponsesStored").GetInt32().Should().Be(3, "what was counted before is counted on, each resource once");
        JobBench.Content(again!).GetProperty("ResourcesDone").GetInt32().Should().Be(3);
    }

    [Fact]
    public void The_whole_archive_continues_after_a_restart_where_it_was()
    {
        bench.Archive(5);
        var job = bench.Jobs.ForAll();
        while (bench.Warmer.Calls.Count(c => c.StartsWith("Study", StringComparison.Ordinal)) < 3)
        {
            bench.StepInTime(job);
        }

        var again = bench.Jobs.TryRestore(job.GetSerialized())!;
        again.Step();
        again.Progress.Should().BeGreaterThanOrEqualTo(0.4f);
        bench.Run(again).Should().Be(JobStep.Success);

        bench.Warmer.Calls.Where(c => c.StartsWith("Study", StringComparison.Ordinal)).Distinct().Should().HaveCount(5);
        bench.Warmer.Calls.Count(c => c == "Study 5 shared-tags").Should().Be(1);
        bench.Warmer.Calls.Count(c => c == "Study 1 shared-tags").Should().Be(1);
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
        bench.Jobs.TryRestore(Encoding.UTF8.GetBytes(serialized)).Should().BeNull();
    }
}

using System.Text.Json;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.WarmUp;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>Jobs with all that they work with, and the jobs engine that drives them, with a clock that it moves.</summary>
internal sealed class JobBench : IDisposable
{
    public JobBench()
    {
        Jobs = new WarmUpJobs(
            new WarmUpRoutes(["shared-tags"]), Warmer, new OrthancApi(Origin), new LoadGate(new ServingCounters(), Time), Store, new WarmUpCounters(), Time);

        Origin.Responses["/system"] = "{}";

        // Each call takes a second, so that a step ends after it.
        Warmer.Respond = (_, _) =>
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            return WarmUpOutcome.Stored;
        };
    }

    public WarmUpJobs Jobs { get; }

    public WaitedClock Time { get; } = new();

    public TextOrigin Origin { get; } = new();

    public RecordingWarmer Warmer { get; } = new();

    public ListedStore Store { get; } = new();

    public static JsonElement Content(WarmUpJob job) => JsonDocument.Parse(job.GetContent()).RootElement;

    /// <summary>Lets the origin hold so many studies, the one with the highest number the newest.</summary>
    public void Archive(uint studies)
    {
        Origin.Responses["/studies"] = JsonSerializer.Serialize(Enumerable.Range(1, (int)studies).Select(i => Resources.Id((uint)i).ToString()));
        for (uint i = 1; i <= studies; i++)
        {
            Origin.Responses[$"/studies/{Resources.Id(i)}"] = $$"""{"Series":[],"ParentPatient":"{{Resources.Id(i * 10)}}"}""";
            Origin.Responses[$"/studies/{Resources.Id(i)}/metadata/LastUpdate"] = $"20230220T15000{i}";
        }
    }

    /// <summary>Runs to the end, and moves the clock while a step waits for it.</summary>
    public JobStep Run(WarmUpJob job)
    {
        JobStep step;
        do
        {
            step = StepInTime(job);
        }
        while (step == JobStep.Continue);
        return step;
    }

    /// <summary>One step, as <see cref="Run"/> does it.</summary>
    public JobStep StepInTime(WarmUpJob job)
    {
        var step = Task.Run(job.Step);
        while (!step.IsCompleted)
        {
            Time.GoOn();
        }

        return step.GetAwaiter().GetResult();
    }

    public void Dispose() => Jobs.Dispose();
}

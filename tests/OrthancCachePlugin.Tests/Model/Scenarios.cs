using FsCheck;
using FsCheck.Fluent;

namespace OrthancCachePlugin.Tests.Model;

/// <summary>Random scenarios, and how to make one that fails smaller.</summary>
internal static class Scenarios
{
    private static readonly Gen<int> Number = Gen.Choose(0, 1_000_000);

    private static readonly Gen<Step> Mutation = Gen.Frequency(
        (6, Plain(StepKind.BeginRequest)),
        (4, Plain(StepKind.CommitRequest)),
        (6, Plain(StepKind.FinishRequest)),
        (5, Plain(StepKind.Store)),
        (3, Plain(StepKind.QuietDelete)),
        (2, Plain(StepKind.QuietAnnotation)),
        (4, Plain(StepKind.OtherServer)),
        (5, Plain(StepKind.DeliverEvents)),
        (2, Plain(StepKind.DeliverJobEvent)),
        (2, Plain(StepKind.JobCommit)),
        (2, Plain(StepKind.JobEnd)),
        (1, Plain(StepKind.Flush)),
        (4, Time));

    private static readonly Gen<Step> InnerGet = Gets(Gen.Constant<IReadOnlyList<(int, Step)>>([]));

    private static readonly Gen<IReadOnlyList<(int, Step)>> Inside = Gen.Frequency(
        (4, Gen.Constant<IReadOnlyList<(int, Step)>>([])),
        (3, Gen.Frequency((5, Mutation), (1, InnerGet)).Select(s => s)
            .SelectMany(s => Gen.Choose(1, 8).Select(n => (n, s)))
            .ListOf().Select(l => (IReadOnlyList<(int, Step)>)[.. l.Take(4)])));

    private static readonly Gen<Step> Any = Gen.Frequency(
        (20, Gets(Inside)), (20, Mutation), (1, Plain(StepKind.Restart)));

    public static Arbitrary<Scenario> All { get; } = Arb.ToArbitrary(
        from flags in Gen.Choose(0, 255)
        from length in Gen.Choose(5, 70)
        from steps in Any.ListOf(length)
        select new Scenario((flags & 1) != 0, (flags & 0x70) == 0, (flags & 2) != 0, (flags & 4) != 0, [.. steps]),
        Smaller);

    private static Gen<Step> Time => Gen.Frequency(
        (10, Gen.Choose(1, 900).Select(ms => Of(StepKind.Advance, ms))),
        (6, Gen.Choose(900, 3500).Select(ms => Of(StepKind.Advance, ms))),
        (3, Gen.Choose(3500, 12_000).Select(ms => Of(StepKind.Advance, ms))),
        (1, Gen.Constant(Of(StepKind.Advance, 11 * 60 * 1000))),
        (1, Gen.Choose(-990, -1).Select(ms => Of(StepKind.StepWall, ms))),
        (1, Gen.Choose(1, 5000).Select(ms => Of(StepKind.StepWall, ms))));

    private static Gen<Step> Gets(Gen<IReadOnlyList<(int, Step)>> inside) =>
        from a in Number
        from b in Number
        from c in Number
        from steps in inside
        select new Step(StepKind.Get, a, b, c, steps);

    private static Gen<Step> Plain(StepKind kind) =>
        from a in Number
        from b in Number
        from c in Number
        select new Step(kind, a, b, c, []);

    private static Step Of(StepKind kind, int a) => new(kind, a, 0, 0, []);

    /// <summary>Without some of the steps, and without what happens inside of them.</summary>
    private static IEnumerable<Scenario> Smaller(Scenario scenario)
    {
        var steps = scenario.Steps;
        for (var size = steps.Count / 2; size > 0; size /= 2)
        {
            for (var first = 0; first + size <= steps.Count; first += size)
            {
                yield return scenario with { Steps = [.. steps.Take(first), .. steps.Skip(first + size)] };
            }
        }

        for (var i = 0; i < steps.Count; i++)
        {
            for (var j = 0; j < steps[i].Inside.Count; j++)
            {
                var less = steps[i] with { Inside = [.. steps[i].Inside.Take(j), .. steps[i].Inside.Skip(j + 1)] };
                yield return scenario with { Steps = [.. steps.Take(i), less, .. steps.Skip(i + 1)] };
            }
        }
    }
}

namespace OrthancCachePlugin.Tests.Model;

/// <summary>One step of a history; the numbers mean what the kind makes of them.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="A">First choice.</param>
/// <param name="B">Second choice.</param>
/// <param name="C">Third choice.</param>
/// <param name="Inside">What happens inside of a GET, each after some calls to the origin.</param>
internal sealed record Step(StepKind Kind, int A, int B, int C, IReadOnlyList<(int Calls, Step Step)> Inside)
{
    public override string ToString() => Inside.Count == 0
        ? $"{Kind}({A},{B},{C})"
        : $"{Kind}({A},{B},{C})[{string.Join(' ', Inside.Select(i => $"+{i.Calls}:{i.Step}"))}]";
}

using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.Model;

/// <summary>
/// The resources that may exist in the simulated origin: one patient, two studies, three series, four instances. The first two
/// instances' identifiers differ in one bit alone, the one that the log of mutations uses for itself.
/// </summary>
internal static class Tree
{
    public const int InstanceCount = 4;

    public static readonly Resource Patient = Make(ResourceLevel.Patient, 0x10);

    public static readonly Resource[] Studies = [Make(ResourceLevel.Study, 0x20), Make(ResourceLevel.Study, 0x21)];

    public static readonly Resource[] Series =
        [Make(ResourceLevel.Series, 0x30), Make(ResourceLevel.Series, 0x31), Make(ResourceLevel.Series, 0x32)];

    public static readonly Resource[] Instances =
    [
        Make(ResourceLevel.Instance, 0x40), Make(ResourceLevel.Instance, 0x41),
        Make(ResourceLevel.Instance, 0x50), Make(ResourceLevel.Instance, 0x60),
    ];

    private static readonly int[] SeriesOfInstance = [0, 0, 1, 2];
    private static readonly int[] StudyOfSeries = [0, 0, 1];

    public static IEnumerable<Resource> All => [Patient, .. Studies, .. Series, .. Instances];

    public static Resource SeriesOf(int instance) => Series[SeriesOfInstance[instance]];

    public static Resource StudyOf(int instance) => Studies[StudyOfSeries[SeriesOfInstance[instance]]];

    /// <summary>The numbers of the instances that are the resource or below it.</summary>
    public static IEnumerable<int> Below(Resource resource) => Enumerable.Range(0, InstanceCount).Where(i =>
        resource == Instances[i] || resource == SeriesOf(i) || resource == StudyOf(i) || resource == Patient);

    /// <summary>The parents, nearest first.</summary>
    public static Resource[] AncestorsOf(int instance) => [SeriesOf(instance), StudyOf(instance), Patient];

    public static Resource Find(string identifier) => All.Single(r => r.Id.ToString() == identifier);

    private static Resource Make(ResourceLevel level, ulong number) => new(level, new ResourceId(number, number * 0x9e3779b97f4a7c15, 7));
}

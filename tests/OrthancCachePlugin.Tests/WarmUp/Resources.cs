using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>Resources by number.</summary>
internal static class Resources
{
    public static Resource Patient(uint number) => new(ResourceLevel.Patient, Id(number));

    public static Resource Study(uint number) => new(ResourceLevel.Study, Id(number));

    public static Resource Series(uint number) => new(ResourceLevel.Series, Id(number));

    public static ResourceId Id(uint number) => new(number, 0, 0);
}

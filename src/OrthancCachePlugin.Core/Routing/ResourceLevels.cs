namespace OrthancCachePlugin.Core.Routing;

/// <summary>How a level is written in the REST API.</summary>
public static class ResourceLevels
{
    /// <summary>The first component of the path: <c>patients</c>, <c>studies</c>, <c>series</c>, <c>instances</c>.</summary>
    public static ReadOnlySpan<byte> PathOf(ResourceLevel level) => level switch
    {
        ResourceLevel.Patient => "patients"u8,
        ResourceLevel.Study => "studies"u8,
        ResourceLevel.Series => "series"u8,
        _ => "instances"u8,
    };

    /// <summary>Reads the first component of a path.</summary>
    public static bool TryParse(ReadOnlySpan<byte> path, out ResourceLevel level)
    {
        for (level = ResourceLevel.Patient; level <= ResourceLevel.Instance; level++)
        {
            if (path.SequenceEqual(PathOf(level)))
            {
                return true;
            }
        }

        return false;
    }
}

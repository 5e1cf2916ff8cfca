using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp.Jobs;

/// <summary>A place in the archive, the newest study first; equal times are in the order of the identifiers.</summary>
/// <param name="Time">When the study changed last, in seconds since 1970.</param>
/// <param name="Study">Which it is.</param>
/// <param name="Done">Studies that were done up to here.</param>
internal readonly record struct ArchiveCursor(long Time, ResourceId Study, int Done) : IComparable<ArchiveCursor>
{
    /// <inheritdoc/>
    public int CompareTo(ArchiveCursor other)
    {
        var byTime = other.Time.CompareTo(Time);
        return byTime != 0
            ? byTime
            : (Study.Word0, Study.Word1, Study.Word2).CompareTo((other.Study.Word0, other.Study.Word1, other.Study.Word2));
    }

    public static bool operator <(ArchiveCursor left, ArchiveCursor right) => left.CompareTo(right) < 0;

    public static bool operator >(ArchiveCursor left, ArchiveCursor right) => left.CompareTo(right) > 0;

    public static bool operator <=(ArchiveCursor left, ArchiveCursor right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ArchiveCursor left, ArchiveCursor right) => left.CompareTo(right) >= 0;
}

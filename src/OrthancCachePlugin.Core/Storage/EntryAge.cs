namespace OrthancCachePlugin.Core.Storage;

/// <summary>When an entry is too old. Times are Unix times in milliseconds.</summary>
internal static class EntryAge
{
    private const long Tolerance = 24 * 60 * 60 * 1000;

    /// <summary>Whether an entry must not be served any more.</summary>
    /// <remarks>One that seems to come from more than a day ahead says that the clock was wrong, then or now: in doubt, it is over.</remarks>
    public static bool IsOver(long createdAt, long now, long expiration) =>
        now - createdAt >= expiration || createdAt - now > Math.Min(Tolerance, expiration);
}

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>
/// The age below which a state is not trusted, because time stamps have whole seconds: two changes in one second look like one.
/// </summary>
public static class RacyTime
{
    /// <summary>Two: one for the cut to whole seconds on either side of the comparison.</summary>
    public const int Seconds = 2;
}

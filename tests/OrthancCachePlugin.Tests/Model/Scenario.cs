namespace OrthancCachePlugin.Tests.Model;

/// <summary>A kind of server and what happens to it.</summary>
internal sealed record Scenario(bool LastUpdateMovesOnDelete, bool IsShared, bool HasSmallTables, bool JobEventsAreDirect, IReadOnlyList<Step> Steps)
{
    /// <summary>Tell the plugin nothing: for the test that the oracle sees staleness.</summary>
    public bool IsDeaf { get; init; }

    public override string ToString() =>
        $"LastUpdateMovesOnDelete={LastUpdateMovesOnDelete} Shared={IsShared} SmallTables={HasSmallTables} DirectJobs={JobEventsAreDirect}\n  "
        + string.Join("\n  ", Steps);
}

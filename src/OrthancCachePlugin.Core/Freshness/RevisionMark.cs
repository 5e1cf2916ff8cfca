namespace OrthancCachePlugin.Core.Freshness;

/// <summary>The revision as it was at one moment. Read it before asking the origin; what the origin then says is current for this mark.</summary>
/// <param name="Content">Moves with every sign of a change of DICOM content.</param>
/// <param name="Any">Moves with every sign of any change.</param>
/// <param name="ContentSettled">False while a change of content may happen, or may have happened, that nothing has told us of yet.</param>
/// <param name="AnySettled">The same for any change.</param>
/// <param name="MovedAt">When <paramref name="Any"/> moved last, in ticks of 100 ns of the monotonic clock.</param>
/// <param name="DeepBefore">
/// What was confirmed under a lower <paramref name="Content"/> than this must be read deeply: since then something ended that may have
/// deleted without our having heard of it yet.
/// </param>
/// <param name="SettingsSettled">False while a request may be setting what shapes responses.</param>
public readonly record struct RevisionMark(
    long Content, long Any, bool ContentSettled, bool AnySettled, long MovedAt, long DeepBefore, bool SettingsSettled);

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Decides, record by record, what of a segment that is about to be deleted is copied to the end of the log first.</summary>
internal interface IKeepPolicy
{
    /// <summary>Whether to copy this record. Called once per record, in the order of the log; superseded ones come too.</summary>
    /// <param name="record">Header and payload, checked by nobody yet.</param>
    bool ShouldKeep(ReadOnlySpan<byte> key, ReadOnlySpan<byte> record);
}

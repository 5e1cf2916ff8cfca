namespace OrthancCachePlugin.Core.Storage;

/// <summary>Where the parts of a record in the log lie, in bytes from its beginning.</summary>
/// <param name="KeySize">Length of the key, which begins at <see cref="KeyAt"/>.</param>
/// <param name="ValueAt">Where the value begins.</param>
/// <param name="ValueSize">Length of the value.</param>
/// <param name="End">Where the next record may begin.</param>
internal readonly record struct RecordExtent(int KeySize, int ValueAt, int ValueSize, int End)
{
    /// <summary>Where the key begins.</summary>
    public const int KeyAt = 12;
}

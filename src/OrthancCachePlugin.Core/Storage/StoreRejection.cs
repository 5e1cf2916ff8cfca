namespace OrthancCachePlugin.Core.Storage;

/// <summary>Why the store does not take an entry.</summary>
public enum StoreRejection
{
    /// <summary>It takes it.</summary>
    None,

    /// <summary>It is being opened, has failed, or is closed.</summary>
    NotWorking,

    /// <summary>No record has room for it, even encoded.</summary>
    TooLarge,

    /// <summary>Too much waits to be written, or there is no memory to encode it.</summary>
    Busy,
}

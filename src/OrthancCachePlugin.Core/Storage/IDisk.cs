namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// The few things that the store does to files, so that tests can make them fail. All members throw <see cref="IOException"/> or
/// <see cref="UnauthorizedAccessException"/> when the disk refuses.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal interface IDisk
{
    /// <summary>Opens a file for reading and writing, or returns null where there is none.</summary>
    IDiskFile? OpenExisting(string path);

    /// <summary>Opens a file for reading and writing; a new one has mode 0600.</summary>
    IDiskFile OpenOrCreate(string path);

    /// <summary>Deletes a file; one that does not exist is no error.</summary>
    void Delete(string path);

    /// <summary>Puts <paramref name="from"/> in the place of <paramref name="to"/> in one step.</summary>
    void Replace(string from, string to);

    /// <summary>Bytes that this process may still write below the directory; null where the file system does not say.</summary>
    DiskSpace? Space(string directory);
}

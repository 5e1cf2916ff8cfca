namespace OrthancCachePlugin.Core.Compression;

/// <summary>The implementation of zstd that this build has: <c>-p:ZstdImplementation=Native</c> or <c>ZstdSharp</c>.</summary>
public static class Compressors
{
    /// <summary>Makes one for the life of the plugin.</summary>
    public static ICompressor Create() =>
#if ZSTD_SHARP
        new ManagedZstdCompressor();
#else
        new NativeZstdCompressor();
#endif
}

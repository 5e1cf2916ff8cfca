namespace OrthancCachePlugin.Bindings.Memory;

/// <summary>
/// Counts what Orthanc has allocated for us and we have not freed. Zero when nothing runs: tests end with that, and a metric can show it.
/// </summary>
/// <remarks>
/// Counted in release builds too: one interlocked addition is nothing beside a call to Orthanc, and leaks show in production.
/// </remarks>
public static class OutstandingMemory
{
    private static long _count;

    /// <summary>Buffers and strings that are alive now.</summary>
    public static long Count => Interlocked.Read(ref _count);

    internal static void Add() => Interlocked.Increment(ref _count);

    internal static void Remove() => Interlocked.Decrement(ref _count);
}

using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Archives;

/// <summary>Makes archives that are sent while they are read. Thread-safe.</summary>
/// <param name="origin">Asked on threads of the archives' own.</param>
/// <param name="names">Those of the origin's version.</param>
/// <param name="skipsUntranscodable">See <see cref="ArchiveStream.TryOpen"/>.</param>
/// <param name="generation">What keeps broken ones from being confirmed.</param>
/// <param name="time">The clock that files are stamped with.</param>
public sealed class ArchiveMaker(IOrigin origin, ArchiveNames names, bool skipsUntranscodable, ArchiveGeneration generation, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public ArchiveGeneration Generation => generation;

    /// <summary>The time of files in an archive: local, as Orthanc has it.</summary>
    public DateTimeOffset Now => time.GetLocalNow();

    /// <summary>Plans an archive and reads its first file; null where it is better left to the origin.</summary>
    /// <param name="resource">A patient, study or series.</param>
    /// <param name="query">Of the request for each file: empty, or begins with a question mark.</param>
    /// <param name="isBare">See <see cref="ArchivePlan.TryRead"/>.</param>
    public ArchiveStream? TryOpen(Resource resource, string query, bool isBare) =>
        _stop.IsCancellationRequested
            ? null
            : ArchiveStream.TryOpen(origin, query, skipsUntranscodable, () => ArchivePlan.TryRead(origin, names, resource, isBare), _stop.Token);

    /// <summary>Breaks off what is being sent, for Orthanc stops and waits for it.</summary>
    public void Stop() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();
}

using System.Text;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

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

    /// <summary>Plans an archive and reads its first file; null where it is better left to the origin.</summary>
    public ArchiveStream? TryOpen(ArchiveRequest request) =>
        ArchiveStream.TryOpen(
            origin, request.FileQuery, skipsUntranscodable, () => ArchivePlan.TryRead(origin, names, request.Resource, request.IsBare), _stop.Token);

    /// <summary>Sends an archive; the headers were added before.</summary>
    /// <returns>False where it was broken off, so that the client may take what it has for the whole. One that has left does not.</returns>
    public bool TrySend(IExchange exchange, ArchiveStream archive, string fileName)
    {
        exchange.AddHeader("Content-Disposition\0"u8, Encoding.Latin1.GetBytes($"filename=\"{fileName}\"\0"));
        using var body = exchange.BeginBody("application/zip\0"u8);
        try
        {
            // Files have the local time, as Orthanc's.
            if (body is null || archive.TryWrite(body, time.GetLocalNow()))
            {
                return true;
            }
        }
        catch (IOException)
        {
            return true;
        }

        exchange.BreakOffBody();
        return false;
    }

    /// <summary>Breaks off what is being sent, and what is asked for from now on, for Orthanc stops and waits for it.</summary>
    public void Stop() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();
}

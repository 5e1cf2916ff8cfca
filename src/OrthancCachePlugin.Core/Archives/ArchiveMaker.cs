using System.Text;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Core.Archives;

/// <summary>Makes archives that are sent while they are read. Thread-safe.</summary>
public sealed class ArchiveMaker(IOrigin origin, ArchiveNames names, bool skipsUntranscodable, ArchiveGeneration generation, TimeProvider time) : IDisposable
{
    /// <summary>
    /// A write fails at once where the client has left. One that waited first may have failed because Orthanc gave up (<c>HttpRequestTimeout</c>,
    /// at least a second): the client, which only paused, then reads what is on the way, and the end of the connection as that of the archive.
    /// </summary>
    private static readonly TimeSpan MaximumToNotice = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();

    public ArchiveGeneration Generation => generation;

    public ArchiveStream? TryOpen(ArchiveRequest request) =>
        ArchiveStream.TryOpen(
            origin, request.FileQuery, skipsUntranscodable, () => ArchivePlan.TryRead(origin, names, request.Resource, request.IsBare), _stop.Token);

    /// <summary>Sends an archive; the headers were added before.</summary>
    /// <returns>
    /// False where it was broken off, so that the client may take what it has for the whole: by us, or by Orthanc, which stops or has
    /// waited too long. One that has left does not.
    /// </returns>
    public bool TrySend(IExchange exchange, ArchiveStream archive, string fileName)
    {
        exchange.AddHeader("Content-Disposition\0"u8, Encoding.Latin1.GetBytes($"filename=\"{fileName}\"\0"));
        using var body = exchange.BeginBody("application/zip\0"u8);
        if (body is null)
        {
            return true;
        }

        var timed = new TimedStream(body, time);
        try
        {
            // Files have the local time, as Orthanc's.
            if (archive.TryWrite(timed, time.GetLocalNow()))
            {
                return true;
            }
        }
        catch (IOException) when (!_stop.IsCancellationRequested && timed.FailedAfter < MaximumToNotice)
        {
            return true;
        }
        catch (IOException)
        {
            // Broken off as well.
        }

        exchange.BreakOffBody();
        return false;
    }

    /// <summary>Breaks off what is being sent, and what is asked for from now on, for Orthanc stops and waits for it.</summary>
    public void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    /// <summary>Knows after which time a write failed. Another one may follow it, when what was begun is disposed of.</summary>
    private sealed class TimedStream(Stream inner, TimeProvider time) : WriteOnlyStream
    {
        public TimeSpan FailedAfter { get; private set; }

        public override void Flush() => inner.Flush();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var start = time.GetTimestamp();
            try
            {
                inner.Write(buffer);
            }
            catch (IOException)
            {
                var after = time.GetElapsedTime(start);
                FailedAfter = after > FailedAfter ? after : FailedAfter;
                throw;
            }
        }
    }
}

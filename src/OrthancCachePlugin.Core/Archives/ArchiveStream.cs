using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Archives;

/// <summary>Writes an archive while it reads: one thread asks the origin for the files, a few ahead, the caller's compresses and sends. Memory is
/// that of one file, or of small ones up to <see cref="MaximumAhead"/>, whatever the size of the archive.</summary>
/// <remarks>What cannot be read ends the archive without its directory, so that nobody takes it for complete. Orthanc itself leaves out an instance
/// that vanished on the way and one whose file it cannot read, and ends the archive as if nothing were missing (1.12.7, 1.13.0).</remarks>
public sealed class ArchiveStream : IDisposable
{
    private const int Ahead = 3;

    private const long MaximumAhead = 32 << 20; // bytes of the files that were read and not sent yet; a larger one is read alone

    private const int StackSize = 8 << 20; // bytes of stack: the origin parses and transcodes on the thread that asks

    private const int BufferSize = 64 << 10;

    private readonly object _monitor = new();
    private readonly BlockingCollection<Part> _parts = new(Ahead);
    private readonly CancellationTokenSource _stop;
    private readonly IOrigin _origin;
    private readonly string _query;
    private readonly bool _skipsUntranscodable;
    private readonly Thread _reader;
    private Part? _first;
    private long _unsent;

    private ArchiveStream(IOrigin origin, string query, bool skipsUntranscodable, Func<ArchivePlan?> plan, CancellationToken stop)
    {
        _origin = origin;
        _query = query;
        _skipsUntranscodable = skipsUntranscodable;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _stop.Token.UnsafeRegister(
            archive =>
            {
                var monitor = ((ArchiveStream)archive!)._monitor;
                lock (monitor)
                {
                    Monitor.PulseAll(monitor);
                }
            },
            this);
        _reader = new Thread(() => Read(plan), StackSize) { IsBackground = true, Name = "response-cache-zip" };
    }

    /// <summary>False once a file was not what was received: cut, or no DICOM. Orthanc sends what is there, and so do we, but it must not be
    /// confirmed.</summary>
    public bool IsSound { get; private set; } = true;

    /// <summary>
    /// Plans an archive and reads its first file. Null where that fails: then nothing was sent, and the origin may be asked in another way.
    /// Not where it was stopped meanwhile: the origin would work on an archive for which nobody has the time any more.
    /// </summary>
    /// <param name="origin">Asked on a thread of the archive's own.</param>
    /// <param name="query">How files are asked for, as <c>?transcode=1.2.840.10008.1.2.4.50</c>, or empty.</param>
    /// <param name="skipsUntranscodable">What Orthanc does with an instance that cannot be transcoded: leaves it out (1.13.0), or as it is (1.12.7).</param>
    /// <param name="plan">Called on that thread.</param>
    /// <param name="stop">Ends the archive before the next file, as if it could not be read.</param>
    public static ArchiveStream? TryOpen(
        IOrigin origin, string query, bool skipsUntranscodable, Func<ArchivePlan?> plan, CancellationToken stop)
    {
        var archive = new ArchiveStream(origin, query, skipsUntranscodable, plan, stop);
        archive._reader.Start();
        archive._first = archive.Take();
        if (archive._first.Response is null && !archive._first.IsEnd && !stop.IsCancellationRequested)
        {
            archive.Dispose();
            return null;
        }

        return archive;
    }

    /// <summary>Writes the archive. False where a file could not be read: what was written has no directory then.</summary>
    /// <param name="output">Not seekable, so that sizes stand behind each file. Written from this thread alone. What it throws passes
    /// through.</param>
    /// <param name="now">The time that the files get, as the clock on the wall shows it.</param>
    public bool TryWrite(Stream output, DateTimeOffset now)
    {
        var buffered = new BufferedStream(output, BufferSize);
        var zip = new ZipArchive(buffered, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8);
        var first = _first!;
        _first = null;
        for (var part = first; !part.IsEnd; part = Take())
        {
            if (part.Response is not { } response)
            {
                return false;
            }

            IsSound &= part.IsSound;
            using (response)
            {
                var entry = zip.CreateEntry(part.Name, CompressionLevel.Optimal);
                entry.LastWriteTime = now;
                using var target = entry.Open();
                if (response.IsReadable)
                {
                    target.Write(response.Body);
                }
                else
                {
                    using var source = response.OpenBody();
                    source.CopyTo(target);
                }
            }

            Sent(part.Size);
            if (_parts.Count == 0 || part == first)
            {
                buffered.Flush();
            }
        }

        zip.Dispose();
        buffered.Flush();
        return true;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _reader.Join();
        _first?.Response?.Dispose();
        while (_parts.TryTake(out var part))
        {
            part.Response?.Dispose();
        }

        _parts.Dispose();
        _stop.Dispose();
    }

    private Part Take()
    {
        try
        {
            return _parts.Take(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return new Part("", null, IsEnd: false);
        }
    }

    /// <summary>The reading thread. It ends with an end, or with what could not be read.</summary>
    private void Read(Func<ArchivePlan?> plan)
    {
        Part last;
        try
        {
            _stop.Token.ThrowIfCancellationRequested();
            last = ReadFiles(plan());
        }
        catch (Exception)
        {
            last = new Part("", null, IsEnd: false);
        }

        try
        {
            _parts.Add(last, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for it any more.
        }
    }

    private Part ReadFiles(ArchivePlan? plan)
    {
        if (plan is null)
        {
            return new Part("", null, IsEnd: false);
        }

        var isFirst = true;
        foreach (var (name, instance, size) in plan.Files())
        {
            WaitForRoom(size);
            var response = Get(instance, _query);
            if (!response.IsSuccess && _query.Length > 0 && !isFirst)
            {
                // It cannot be transcoded, or cannot be read.
                response.Dispose();
                response = Get(instance, "");
                if (response.IsSuccess && _skipsUntranscodable)
                {
                    response.Dispose();
                    Sent(size);
                    continue;
                }
            }

            isFirst = false;
            try
            {
                if (!response.IsSuccess)
                {
                    return new Part("", null, IsEnd: false);
                }

                response.AddReference();
                var isSound = !response.IsReadable || (IsDicom(response.Body) && (_query.Length > 0 || response.Body.Length == size));
                _parts.Add(new Part(name, response, IsEnd: false, isSound, size), _stop.Token);
            }
            catch (OperationCanceledException)
            {
                response.Dispose();
                throw;
            }
            finally
            {
                response.Dispose();
            }
        }

        return new Part("", null, IsEnd: true);
    }

    private void WaitForRoom(long size)
    {
        lock (_monitor)
        {
            while (_unsent > 0 && _unsent + size > MaximumAhead && !_stop.IsCancellationRequested)
            {
                Monitor.Wait(_monitor);
            }

            _unsent += size;
        }

        _stop.Token.ThrowIfCancellationRequested();
    }

    private void Sent(long size)
    {
        lock (_monitor)
        {
            _unsent -= size;
            Monitor.PulseAll(_monitor);
        }
    }

    /// <summary>DICOM PS3.10 section 7.1, or from before it: without a preamble, the first group in either byte order.</summary>
    private static bool IsDicom(ReadOnlySpan<byte> file) =>
        file.Length >= 132 && (file[128..132].SequenceEqual("DICM"u8) || (file[0] | file[1]) is 2 or 8);

    private OriginResponse Get(ResourceId instance, string query) => _origin.Get(Encoding.UTF8.GetBytes($"/instances/{instance}/file{query}\0").AsSpan(..^1));

    private sealed record Part(string Name, OriginResponse? Response, bool IsEnd, bool IsSound = true, long Size = 0);
}

using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>A disk that refuses, hangs or runs full on demand.</summary>
internal sealed class FaultyDisk : IDisk
{
    private readonly LocalDisk disk = LocalDisk.Instance;
    private readonly ManualResetEventSlim running = new(initialState: true);
    private int readsUntilHang = int.MaxValue;
    private int memoryReads;
    private long written;

    /// <summary>Writes to segments fail; those to checksums do not.</summary>
    public bool FailDataWrites { get; set; }

    public bool FailWrites { get; set; }

    public bool FailReads { get; set; }

    public bool FailOpen { get; set; }

    /// <summary>Whether the system holds every file in memory; otherwise every read meets the faults.</summary>
    public bool HasPageCache { get; set; }

    public bool FailDeletes { get; set; }

    /// <summary>What <see cref="Space"/> says; null asks the real disk.</summary>
    public DiskSpace? FakeSpace { get; set; }

    /// <summary>While set, reads and writes do not come back.</summary>
    public bool Hang
    {
        set
        {
            if (value)
            {
                running.Reset();
            }
            else
            {
                running.Set();
            }
        }
    }

    /// <summary>Called with the path of each file that is opened or created.</summary>
    public Action<string>? OnOpen { get; set; }

    /// <summary>Reads of what the system holds in memory that succeeded.</summary>
    public int MemoryReads => Volatile.Read(ref memoryReads);

    /// <summary>Bytes written to segments.</summary>
    public long Written => Interlocked.Read(ref written);

    public int Reads => int.MaxValue - Volatile.Read(ref readsUntilHang);

    public IDiskFile? OpenExisting(string path)
    {
        Check(FailOpen);
        return disk.OpenExisting(path) is { } file ? new FaultyFile(this, file, path) : null;
    }

    public IDiskFile OpenOrCreate(string path)
    {
        Check(FailOpen);
        OnOpen?.Invoke(path);
        return new FaultyFile(this, disk.OpenOrCreate(path), path);
    }

    public void Delete(string path)
    {
        Check(FailDeletes);
        disk.Delete(path);
    }

    public void Replace(string from, string to)
    {
        Check(FailWrites);
        disk.Replace(from, to);
    }

    public DiskSpace? Space(string directory) => FakeSpace ?? disk.Space(directory);

    private static void Check(bool fail)
    {
        if (fail)
        {
            throw new IOException("Injected fault");
        }
    }

    private sealed class FaultyFile(FaultyDisk owner, IDiskFile file, string path) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> buffer, long offset)
        {
            Interlocked.Decrement(ref owner.readsUntilHang);
            owner.running.Wait();
            Check(owner.FailReads);
            return file.Read(buffer, offset);
        }

        public bool TryReadFromMemory(Span<byte> buffer, long offset)
        {
            if (!owner.HasPageCache || file.Read(buffer, offset) != buffer.Length)
            {
                return false;
            }

            Interlocked.Increment(ref owner.memoryReads);
            return true;
        }

        public void Write(ReadOnlySpan<byte> buffer, long offset)
        {
            owner.running.Wait();
            Check(owner.FailWrites || (owner.FailDataWrites && path.EndsWith(".log", StringComparison.Ordinal)));
            file.Write(buffer, offset);
            Interlocked.Add(ref owner.written, path.EndsWith(".log", StringComparison.Ordinal) ? buffer.Length : 0);
        }

        public void SetLength(long length)
        {
            Check(owner.FailWrites);
            file.SetLength(length);
        }

        public void Flush()
        {
            Check(owner.FailWrites);
            file.Flush();
        }

        public void Dispose() => file.Dispose();
    }
}

using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Bindings;

/// <summary>Counts what Orthanc has allocated for us and we have not freed: zero when nothing runs.</summary>
public static class OutstandingMemory
{
    private static long _count;

    public static long Count => Interlocked.Read(ref _count);

    internal static void Add() => Interlocked.Increment(ref _count);

    internal static void Remove() => Interlocked.Decrement(ref _count);
}

/// <summary>The one owner of a buffer that Orthanc allocated. Disposing frees it, once, from any thread; nobody may read it then. There is no
/// finalizer: it could run after Orthanc has unloaded the plugin.</summary>
public sealed unsafe class OwnedMemoryBuffer : IDisposable
{
    private readonly OrthancContext _context;
    private nint _address;

    internal OwnedMemoryBuffer(OrthancContext context, in NativeMemoryBuffer buffer)
    {
        _context = context;
        _address = (nint)buffer.Data;
        Size = buffer.Size;
        if (_address != 0)
        {
            OutstandingMemory.Add();
        }
    }

    public uint Size { get; } // in bytes; up to 4 GiB, where a span ends at 2 GiB

    public bool FitsSpan => Size <= int.MaxValue;

    public ReadOnlySpan<byte> Span => FitsSpan ? Tail(int.MaxValue) : throw new InvalidOperationException("The buffer is larger than 2 GiB.");

    /// <summary>Null where <see cref="Size"/> is 0 or the buffer has been freed.</summary>
    internal void* Address => (void*)Volatile.Read(ref _address);

    public ReadOnlySpan<byte> Tail(int maximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maximum);
        var length = (int)Math.Min((uint)maximum, Size);
        return length == 0 ? default : new ReadOnlySpan<byte>(AddressOrThrow() + (Size - (uint)length), length);
    }

    /// <summary>All bytes as a stream, whatever their number; good until the buffer is freed.</summary>
    public Stream OpenRead() => Size == 0 ? Stream.Null : new UnmanagedMemoryStream(AddressOrThrow(), Size);

    public void Dispose()
    {
        var address = (void*)Interlocked.Exchange(ref _address, 0);
        if (address is not null && _context.Free(address))
        {
            OutstandingMemory.Remove();
        }
    }

    private byte* AddressOrThrow()
    {
        var address = (byte*)Address;
        ObjectDisposedException.ThrowIf(address is null, this);
        return address;
    }
}

/// <summary>What the origin answered to an internal call. Owns both buffers.</summary>
public sealed class RestApiResponse : IDisposable
{
    internal RestApiResponse(int status, OwnedMemoryBuffer body, OwnedMemoryBuffer headers)
    {
        Status = status;
        Body = body;
        Headers = headers;
    }

    public int Status { get; }

    public OwnedMemoryBuffer Body { get; } // never compressed by Orthanc

    /// <summary>A JSON object of texts, one member per header, names in lower case; empty where there is none.</summary>
    public OwnedMemoryBuffer Headers { get; }

    public void Dispose()
    {
        Body.Dispose();
        Headers.Dispose();
    }
}

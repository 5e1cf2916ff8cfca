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

/// <summary>
/// The one owner of a buffer that Orthanc allocated. Disposing frees it, once, from any thread; nobody may read it then. There is no
/// finalizer: it could run after Orthanc has unloaded the plugin.
/// </summary>
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

    /// <summary>In bytes; up to 4 GiB, where a span ends at 2 GiB.</summary>
    public uint Size { get; }

    public bool FitsSpan => Size <= int.MaxValue;

    /// <exception cref="InvalidOperationException">More than a span can hold; see <see cref="FitsSpan"/>.</exception>
    /// <exception cref="ObjectDisposedException">Already freed.</exception>
    public ReadOnlySpan<byte> Span => FitsSpan ? Tail(int.MaxValue) : throw new InvalidOperationException("The buffer is larger than 2 GiB.");

    /// <summary>Null where <see cref="Size"/> is 0 or the buffer has been freed.</summary>
    internal void* Address => (void*)Volatile.Read(ref _address);

    /// <summary>The last bytes, at most so many: of a buffer of any size.</summary>
    /// <exception cref="ObjectDisposedException">Already freed.</exception>
    public ReadOnlySpan<byte> Tail(int maximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maximum);
        var length = (int)Math.Min((uint)maximum, Size);
        return length == 0 ? default : new ReadOnlySpan<byte>(AddressOrThrow() + (Size - (uint)length), length);
    }

    /// <summary>All bytes as a stream, whatever their number; good until the buffer is freed.</summary>
    /// <exception cref="ObjectDisposedException">Already freed.</exception>
    public Stream OpenRead() => Size == 0 ? Stream.Null : new UnmanagedMemoryStream(AddressOrThrow(), Size);

    /// <inheritdoc/>
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

    /// <summary>Never compressed by Orthanc.</summary>
    public OwnedMemoryBuffer Body { get; }

    /// <summary>A JSON object of texts, one member per header, names in lower case; empty where there is none.</summary>
    public OwnedMemoryBuffer Headers { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Body.Dispose();
        Headers.Dispose();
    }
}

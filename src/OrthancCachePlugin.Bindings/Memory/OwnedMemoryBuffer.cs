using System.Buffers;
using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Bindings.Memory;

/// <summary>
/// The one owner of a buffer that Orthanc allocated. As an <see cref="IMemoryOwner{T}"/> it can be handed to code that knows nothing of
/// Orthanc. Disposing frees the buffer, once, from any thread; nobody may read it then.
/// </summary>
/// <remarks>
/// There is no finalizer on purpose: it could run after Orthanc has unloaded the plugin. After <c>OrthancPluginFinalize</c> nothing is freed.
/// </remarks>
public sealed unsafe class OwnedMemoryBuffer : MemoryManager<byte>
{
    private readonly NativeAllocation _allocation;

    internal OwnedMemoryBuffer(OrthancContext context, in NativeMemoryBuffer buffer)
    {
        _allocation = new NativeAllocation(context, buffer.Data);
        Size = buffer.Size;
    }

    /// <summary>In bytes; up to 4 GiB, where a span ends at 2 GiB.</summary>
    public uint Size { get; }

    /// <summary>Whether <see cref="Span"/> can show it. <see cref="Requests.RestOutput"/> can send it in any case.</summary>
    public bool FitsSpan => Size <= int.MaxValue;

    /// <summary>The bytes.</summary>
    /// <exception cref="InvalidOperationException">More than a span can hold; see <see cref="FitsSpan"/>.</exception>
    /// <exception cref="ObjectDisposedException">Already freed.</exception>
    public ReadOnlySpan<byte> Span => GetSpan();

    /// <summary>The last bytes, at most so many: of a buffer of any size.</summary>
    /// <exception cref="ObjectDisposedException">Already freed.</exception>
    public ReadOnlySpan<byte> Tail(int maximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maximum);
        var length = (int)Math.Min((uint)maximum, Size);
        if (length == 0)
        {
            return default;
        }

        var address = (byte*)Address;
        ObjectDisposedException.ThrowIf(address is null, this);
        return new ReadOnlySpan<byte>(address + (Size - (uint)length), length);
    }

    /// <summary>All of them as a stream, whatever their number; good until the buffer is freed.</summary>
    /// <exception cref="ObjectDisposedException">Already freed.</exception>
    public Stream OpenRead()
    {
        if (Size == 0)
        {
            return Stream.Null;
        }

        var address = (byte*)Address;
        ObjectDisposedException.ThrowIf(address is null, this);
        return new UnmanagedMemoryStream(address, Size);
    }

    /// <summary>Null where <see cref="Size"/> is 0 or the buffer has been freed.</summary>
    internal void* Address => _allocation.Address;

    /// <summary>Frees the buffer.</summary>
    public void Dispose() => _allocation.Free();

    /// <inheritdoc/>
    public override Span<byte> GetSpan()
    {
        if (Size == 0)
        {
            return default;
        }

        if (!FitsSpan)
        {
            throw new InvalidOperationException("The buffer is larger than 2 GiB.");
        }

        void* address = Address;
        ObjectDisposedException.ThrowIf(address is null, this);
        return new Span<byte>(address, (int)Size);
    }

    /// <inheritdoc/>
    /// <remarks>Native memory does not move.</remarks>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, Size, nameof(elementIndex));
        return new MemoryHandle((byte*)Address + elementIndex);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _allocation.Free();
}

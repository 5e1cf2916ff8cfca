using System.Text;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Text;

namespace OrthancCachePlugin.Bindings.Memory;

/// <summary>The one owner of a text that Orthanc allocated. Disposing frees it, once, from any thread; nobody may read it then.</summary>
public sealed unsafe class OwnedString : IDisposable
{
    private readonly NativeAllocation _allocation;

    internal OwnedString(OrthancContext context, byte* text) => _allocation = new NativeAllocation(context, text);

    /// <summary>UTF-8, without the zero; empty once freed.</summary>
    public ReadOnlySpan<byte> Span => NativeString.AsSpan((byte*)_allocation.Address);

    /// <summary>A managed copy.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Span);

    /// <summary>Frees the text.</summary>
    public void Dispose() => _allocation.Free();
}

using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Bindings.Memory;

/// <summary>One address that Orthanc allocated and that we free exactly once, from whichever thread comes first, as long as Orthanc is there.</summary>
internal sealed unsafe class NativeAllocation
{
    private readonly OrthancContext _context;
    private nint _address;

    public NativeAllocation(OrthancContext context, void* address)
    {
        _context = context;
        _address = (nint)address;
        if (address is not null)
        {
            OutstandingMemory.Add();
        }
    }

    /// <summary>Null once freed.</summary>
    public void* Address => (void*)Volatile.Read(ref _address);

    public void Free()
    {
        void* address = (void*)Interlocked.Exchange(ref _address, 0);
        if (address is not null && _context.Free(address))
        {
            OutstandingMemory.Remove();
        }
    }
}

using System.Runtime.InteropServices;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Tests.Bindings;

/// <summary>The server's side of the plugin interface: each call of a service comes to a function of the test.</summary>
internal sealed unsafe class FakeOrthanc : IDisposable
{
    /// <summary>Not an address: whoever frees or reads it ends the test run.</summary>
    public static readonly nint Garbage = 0x5A5A5A50;

    private static int _outstanding;

    private readonly NativeContext* _context;
    private readonly byte* _version;
    private readonly GCHandle _self;

    public FakeOrthanc(string version = "1.12.7")
    {
        _self = GCHandle.Alloc(this);
        _version = (byte*)Marshal.StringToCoTaskMemUTF8(version);
        _context = (NativeContext*)NativeMemory.AllocZeroed((nuint)sizeof(NativeContext));
        _context->PluginsManager = (void*)GCHandle.ToIntPtr(_self);
        _context->OrthancVersion = _version;
        _context->Free = &Free;
        _context->InvokeService = &InvokeService;
        Context = new OrthancContext(_context, null);
    }

    public delegate OrthancErrorCode ServiceHandler(OrthancService service, void* parameters);

    /// <summary>Buffers and texts handed out and not freed, over all instances: tests that count run one after the other.</summary>
    public static int Outstanding => Volatile.Read(ref _outstanding);

    public OrthancContext Context { get; }

    public ServiceHandler Handler { get; set; } = (_, _) => OrthancErrorCode.Success;

    public int Calls { get; private set; }

    public static byte* Allocate(ReadOnlySpan<byte> content)
    {
        var address = (byte*)NativeMemory.Alloc((nuint)content.Length + 1);
        content.CopyTo(new Span<byte>(address, content.Length));
        address[content.Length] = 0;
        Interlocked.Increment(ref _outstanding);
        return address;
    }

    public static NativeMemoryBuffer Buffer(ReadOnlySpan<byte> content) => new() { Data = Allocate(content), Size = (uint)content.Length };

    /// <summary>Counts no longer what was leaked on purpose.</summary>
    public static void Forget(int count) => Interlocked.Add(ref _outstanding, -count);

    public void Dispose()
    {
        NativeMemory.Free(_context);
        Marshal.FreeCoTaskMem((nint)_version);
        _self.Free();
    }

    [UnmanagedCallersOnly]
    private static void Free(void* address)
    {
        if (address is not null)
        {
            Interlocked.Decrement(ref _outstanding);
            NativeMemory.Free(address);
        }
    }

    [UnmanagedCallersOnly]
    private static OrthancErrorCode InvokeService(NativeContext* context, int service, void* parameters)
    {
        var self = (FakeOrthanc)GCHandle.FromIntPtr((nint)context->PluginsManager).Target!;
        self.Calls++;
        return self.Handler((OrthancService)service, parameters);
    }
}

using System.Runtime.InteropServices;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Host;

/// <summary>A job in the hands of Orthanc's jobs engine, which holds a handle to it until it calls <see cref="Release"/>, perhaps only after
/// Finalize. Owns the texts that the engine was given.</summary>
internal sealed unsafe class HostedJob(WarmUpJob job)
{
    private readonly Lock _lock = new();
    private GCHandle _handle;
    private byte* _content;
    private byte* _previousContent;
    private byte* _serialized;
    private byte* _previousSerialized;

    public WarmUpJob Job { get; } = job;

    public static HostedJob Of(void* state) => (HostedJob)GCHandle.FromIntPtr((nint)state).Target!;

    /// <summary>What the engine is given; keeps this alive until <see cref="Release"/>.</summary>
    public nint Hold()
    {
        _handle = GCHandle.Alloc(this);
        return GCHandle.ToIntPtr(_handle);
    }

    public void Release()
    {
        lock (_lock)
        {
            NativeMemory.Free(_content);
            NativeMemory.Free(_previousContent);
            NativeMemory.Free(_serialized);
            NativeMemory.Free(_previousSerialized);
            _content = _previousContent = _serialized = _previousSerialized = null;
            if (_handle.IsAllocated)
            {
                _handle.Free();
            }
        }
    }

    /// <summary>The content, as a text that stays until the call after the next: another thread may still read the last one.</summary>
    public byte* GetContent()
    {
        lock (_lock)
        {
            return Keep(Job.GetContent(), ref _content, ref _previousContent);
        }
    }

    /// <summary>What is needed after a restart, as a text like that of <see cref="GetContent"/>.</summary>
    public byte* GetSerialized()
    {
        lock (_lock)
        {
            return Keep(Job.GetSerialized(), ref _serialized, ref _previousSerialized);
        }
    }

    private static byte* Keep(byte[] text, ref byte* current, ref byte* previous)
    {
        NativeMemory.Free(previous);
        previous = current;
        current = NativeString.Copy(text);
        return current;
    }
}

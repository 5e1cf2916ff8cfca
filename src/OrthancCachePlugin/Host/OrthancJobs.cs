using System.Runtime.InteropServices;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Host;

/// <summary>Orthanc's jobs engine. Jobs are made in the older form with texts: in the buffered form, since 1.11.3, Orthanc asks the wrong function
/// for what it saves, and no job survives a restart. The price is one line in Orthanc's log per job about an old function.</summary>
internal sealed unsafe class OrthancJobs(OrthancContext context, OrthancEvents events) : IJobsEngine
{
    public string? Submit(WarmUpJob job, int priority)
    {
        var native = Create(job);
        return native is null ? null : events.SubmitOwnJob(() => Submit((nint)native, priority));
    }

    /// <summary>Null where Orthanc refuses.</summary>
    public NativeJob* Create(WarmUpJob job)
    {
        var hosted = new HostedJob(job);
        if (context.CreateJob(hosted.Hold(), WarmUpJob.Type, JobCallbacks.Functions, out var native) == OrthancErrorCode.Success)
        {
            return native;
        }

        hosted.Release();
        return null;
    }

    private string? Submit(nint native, int priority)
    {
        var code = context.SubmitJob((NativeJob*)native, priority, out var id);
        return code == OrthancErrorCode.Success ? id : null;
    }
}

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

using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Jobs;
using OrthancCachePlugin.Bindings.Memory;
using OrthancCachePlugin.Bindings.Text;

namespace OrthancCachePlugin.Bindings;

/// <content>
/// Jobs: create, then submit or free. From <see cref="CreateJob"/> on, Orthanc calls <see cref="JobCallbacks.Finalize"/> exactly once
/// when the job goes.
/// </content>
public sealed unsafe partial class OrthancContext
{
    /// <summary>
    /// Wraps a job of ours. Uses the buffered form since 1.11.3 where its functions are given, and else the form with texts. A job that
    /// is to survive a restart gives the texts alone: see <see cref="JobCallbacks.GetSerialized"/>.
    /// </summary>
    /// <param name="state">What Orthanc hands to each callback; not zero.</param>
    /// <param name="type">The job's type, as <c>/jobs</c> shows it.</param>
    /// <param name="callbacks">All of them set, but for the form that is not wanted.</param>
    /// <param name="job">To be submitted, freed, or returned by an unserializer; null on failure.</param>
    public OrthancErrorCode CreateJob(nint state, string type, in JobCallbacks callbacks, out NativeJob* job)
    {
        NativeJob* created = null;
        job = null;
        using var text = new NativeText(type.AsSpan(), stackalloc byte[NativeText.StackSize]);
        bool isBuffered = SupportsBufferedJobs && callbacks.GetContent is not null && callbacks.GetSerialized is not null;
        fixed (byte* pointer = text)
        {
            var parameters = new CreateJobParameters
            {
                Target = &created,
                Job = (void*)state,
                Finalize = callbacks.Finalize,
                Type = pointer,
                GetProgress = callbacks.GetProgress,
                GetContent = isBuffered ? callbacks.GetContent : callbacks.GetContentText,
                GetSerialized = isBuffered ? callbacks.GetSerialized : callbacks.GetSerializedText,
                Step = callbacks.Step,
                Stop = callbacks.Stop,
                Reset = callbacks.Reset,
            };
            OrthancErrorCode code = Invoke(isBuffered ? OrthancService.CreateJob2 : OrthancService.CreateJob, &parameters);
            if (code != OrthancErrorCode.Success)
            {
                return code;
            }

            job = created;
            return created is null ? OrthancErrorCode.NullPointer : OrthancErrorCode.Success;
        }
    }

    /// <summary>Gives a job to the jobs engine. Afterwards it is not the caller's any more, also where this fails.</summary>
    /// <param name="job">From <see cref="CreateJob"/>.</param>
    /// <param name="priority">Higher runs earlier; 0 is usual.</param>
    /// <param name="id">The job's identifier under <c>/jobs</c>.</param>
    public OrthancErrorCode SubmitJob(NativeJob* job, int priority, out OwnedString? id)
    {
        byte* result = null;
        var parameters = new SubmitJobParameters { ResultId = &result, Job = job, Priority = priority };
        OrthancErrorCode code = Invoke(OrthancService.SubmitJob, &parameters);
        id = null;
        if (code == OrthancErrorCode.Success)
        {
            return Adopt(result, out id);
        }

        // Without memory for the identifier the engine may own the job already, and freeing it would free it twice: then we let it be.
        if (code != OrthancErrorCode.NotEnoughMemory)
        {
            FreeJob(job);
        }

        return code;
    }

    /// <summary>Frees a job that was not submitted.</summary>
    public OrthancErrorCode FreeJob(NativeJob* job)
    {
        var parameters = new FreeJobParameters { Job = job };
        return Invoke(OrthancService.FreeJob, &parameters);
    }

    /// <summary>Answers a callback that has to fill a buffer for Orthanc to free.</summary>
    /// <param name="target">The callback's; left empty on failure.</param>
    /// <param name="content">Copied.</param>
    public OrthancErrorCode FillBuffer(NativeMemoryBuffer* target, ReadOnlySpan<byte> content)
    {
        NativeMemoryBuffer buffer = default;
        *target = default;
        var parameters = new CreateMemoryBufferParameters { Target = &buffer, Size = (uint)content.Length };
        OrthancErrorCode code = Invoke(OrthancService.CreateMemoryBuffer, &parameters);
        if (code != OrthancErrorCode.Success)
        {
            return code;
        }

        if (content.Length > 0 && (buffer.Data is null || buffer.Size < (uint)content.Length))
        {
            _ = Free(buffer.Data);
            return OrthancErrorCode.NotEnoughMemory;
        }

        content.CopyTo(new Span<byte>(buffer.Data, content.Length));
        *target = buffer;
        return OrthancErrorCode.Success;
    }
}

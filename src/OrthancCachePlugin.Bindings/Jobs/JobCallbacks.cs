using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Bindings.Jobs;

/// <summary>
/// The functions of one type of job. Orthanc calls them with the state given to <see cref="OrthancContext.CreateJob"/>: step, stop and
/// reset on the job's thread, the others on any, at the same time. No exception may leave them.
/// </summary>
public unsafe struct JobCallbacks
{
    /// <summary>The job goes; nothing is called for it afterwards.</summary>
    public delegate* unmanaged<void*, void> Finalize;

    /// <summary>From 0 to 1.</summary>
    public delegate* unmanaged<void*, float> GetProgress;

    /// <summary>Since 1.11.3: fills the buffer (<see cref="OrthancContext.FillBuffer"/>) with a JSON object.</summary>
    public delegate* unmanaged<NativeMemoryBuffer*, void*, OrthancErrorCode> GetContent;

    /// <summary>
    /// Since 1.11.3: fills the buffer with a JSON object and answers 1, or 0 for a job that does not survive a restart, or -1.
    /// Orthanc (1.12.7 and 1.13.0 alike) calls <see cref="GetContent"/> instead and reads its success as this 0: no job survives there.
    /// </summary>
    public delegate* unmanaged<NativeMemoryBuffer*, void*, int> GetSerialized;

    /// <summary>Before 1.11.3: the JSON object as a text that the plugin keeps until the next call or the end of the job.</summary>
    public delegate* unmanaged<void*, byte*> GetContentText;

    /// <summary>Before 1.11.3: as <see cref="GetContentText"/>, or null for a job that does not survive a restart.</summary>
    public delegate* unmanaged<void*, byte*> GetSerializedText;

    /// <summary>Does a piece of work, short enough for the job to be stopped in between.</summary>
    public delegate* unmanaged<void*, OrthancJobStepStatus> Step;

    /// <summary>Releases what a running job holds; it may be resumed or reset later.</summary>
    public delegate* unmanaged<void*, OrthancJobStopReason, OrthancErrorCode> Stop;

    /// <summary>Starts a failed or canceled job again from its beginning.</summary>
    public delegate* unmanaged<void*, OrthancErrorCode> Reset;
}

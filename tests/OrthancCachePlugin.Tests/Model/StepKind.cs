namespace OrthancCachePlugin.Tests.Model;

/// <summary>What may happen next.</summary>
internal enum StepKind
{
    /// <summary>A GET, perhaps conditional, with other steps inside of its calls to the origin.</summary>
    Get,

    /// <summary>The filter sees a mutating request.</summary>
    BeginRequest,

    /// <summary>The oldest running request commits.</summary>
    CommitRequest,

    /// <summary>The oldest running request is answered (committed before, if it was not).</summary>
    FinishRequest,

    /// <summary>C-STORE: commit and callback at once.</summary>
    Store,

    /// <summary>A script or another plugin deletes.</summary>
    QuietDelete,

    /// <summary>A script or another plugin writes metadata.</summary>
    QuietAnnotation,

    /// <summary>Another server on the same database writes, where the configuration says that there is one.</summary>
    OtherServer,

    /// <summary>The next events of changes arrive.</summary>
    DeliverEvents,

    /// <summary>The next event of a job arrives, by a way of its own.</summary>
    DeliverJobEvent,

    /// <summary>The running job commits something.</summary>
    JobCommit,

    /// <summary>The running job ends.</summary>
    JobEnd,

    /// <summary>Time passes.</summary>
    Advance,

    /// <summary>The wall clock is set.</summary>
    StepWall,

    /// <summary>The store writes what waits.</summary>
    Flush,

    /// <summary>The process ends and another begins.</summary>
    Restart,
}

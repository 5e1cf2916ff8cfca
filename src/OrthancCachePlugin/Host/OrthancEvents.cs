using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Host;

/// <summary>Tells the revision what Orthanc's callbacks say. Does nothing that takes time: one thread of Orthanc serves all plugins.</summary>
internal sealed class OrthancEvents(ChangeTracker tracker, MutationLog log, TimeProvider time, Action start)
{
    private const int MaximumOwnJobs = 1024; // jobs that are remembered

    [ThreadStatic]
    private static bool _isSubmitting;

    private readonly Lock _jobsLock = new();
    private readonly HashSet<Digest128> _ownJobs = [];
    private readonly HashSet<Digest128> _toldJobs = [];

    public WarmUpService? WarmUp { get; set; }

    public Action? Stopped { get; set; } // called when Orthanc is about to stop: it waits for requests that run

    public WarmUpJobs? WarmUpJobs { get; set; }

    public CanceledJobs? CanceledJobs { get; set; }

    public DeletedResources? Deletions { get; set; } // removes the entries of deleted resources

    /// <summary>Submits a job of ours. It changes nothing, so nothing has to settle for it.</summary>
    /// <remarks>Its event comes on this thread before the call returns (1.10.1), or on another one at any time (1.12). No lock may be held meanwhile:
    /// Orthanc holds one of its own while it tells of events.</remarks>
    public string? SubmitOwnJob(Func<string?> submit)
    {
        string? id;
        _isSubmitting = true;
        try
        {
            id = submit();
        }
        finally
        {
            _isSubmitting = false;
        }

        if (id is not null)
        {
            Own(Digest128.Of(System.Text.Encoding.UTF8.GetBytes(id)));
        }

        return id;
    }

    public void Changed(OrthancChangeType type, OrthancResourceType level, ReadOnlySpan<byte> id)
    {
        var now = time.GetTimestampTicks();
        switch (type)
        {
            case OrthancChangeType.Deleted:
                Deleted(level, id, now);
                break;

            case OrthancChangeType.JobSubmitted:
            case OrthancChangeType.JobSuccess:
            case OrthancChangeType.JobFailure:
                JobChanged(type, Digest128.Of(id), now);
                break;

            case OrthancChangeType.UpdatedAttachment:
            case OrthancChangeType.UpdatedMetadata:
                tracker.Changed(MutationScope.Annotations, now);
                break;

            case OrthancChangeType.StablePatient:
            case OrthancChangeType.StableStudy:
            case OrthancChangeType.StableSeries:
                if (TryRead(level, id, out var stable))
                {
                    WarmUp?.Stable(stable);
                }

                break;

            case OrthancChangeType.OrthancStarted:
                start();
                break;

            case OrthancChangeType.OrthancStopped:
                Stopped?.Invoke();
                WarmUp?.Stop();
                WarmUpJobs?.Stop();
                Deletions?.Stop();
                break;

            case OrthancChangeType.NewChildInstance:
                tracker.Changed(MutationScope.Content, now);
                if (TryRead(level, id, out var grown))
                {
                    WarmUp?.Changed(grown);
                }

                break;

            case OrthancChangeType.CompletedSeries:
            case OrthancChangeType.UpdatedPeers:
            case OrthancChangeType.UpdatedModalities:
                break;

            default:
                // New resources, and whatever later versions tell.
                tracker.Changed(MutationScope.Content, now);
                break;
        }
    }

    public void InstanceStored(ReadOnlySpan<byte> id)
    {
        if (ResourceId.TryParse(id, out var instance))
        {
            log.Add(instance, deleted: false);
        }

        tracker.InstanceStored(time.GetTimestampTicks());
    }

    public void RequestSeen(OrthancHttpMethod method, ReadOnlySpan<byte> path)
    {
        ClientPath.Saw(path);
        var scope = RequestClassifier.Classify(Translate(method), path, out var deleted);
        if (RequestClassifier.MayStartJob(Translate(method), path, out var job, out var isCancel))
        {
            if (IsOwn(job))
            {
                scope = MutationScope.None;
            }
            else
            {
                tracker.JobMayRun(time.GetTimestampTicks());
            }
        }

        if (isCancel && !IsOwn(job))
        {
            CanceledJobs?.Seen(job);
        }

        // Reading the clock costs more than all else here, and nearly every request is a GET while nothing else runs.
        if (scope != MutationScope.None || tracker.IsFollowing)
        {
            var maySet = RequestClassifier.MaySet(scope, path, out var isTool);
            if (isTool)
            {
                tracker.ToolSeen();
            }

            tracker.RequestSeen(Environment.CurrentManagedThreadId, scope, deleted, time.GetTimestampTicks(), maySet);
        }
    }

    /// <summary>Something was told, and taking it in failed: in doubt it was a change of everything. Never throws.</summary>
    public void Distrust()
    {
        log.Lose();
        tracker.Distrust(time.GetTimestampTicks());
    }

    /// <summary>One that we do not know may change everything, like POST.</summary>
    public static HttpMethod Translate(OrthancHttpMethod method) => method switch
    {
        OrthancHttpMethod.Get => HttpMethod.Get,
        OrthancHttpMethod.Put => HttpMethod.Put,
        OrthancHttpMethod.Delete => HttpMethod.Delete,
        _ => HttpMethod.Post,
    };

    private void Deleted(OrthancResourceType level, ReadOnlySpan<byte> id, long now)
    {
        if (!TryRead(level, id, out var resource))
        {
            Distrust(); // something was deleted, and nobody can tell what
            return;
        }

        if (level == OrthancResourceType.Instance)
        {
            log.Add(resource.Id, deleted: true);
        }

        tracker.ResourceDeleted(resource, now);
        WarmUp?.Changed(resource);
        Deletions?.Deleted(resource);
    }

    private void JobChanged(OrthancChangeType type, Digest128 job, long now)
    {
        lock (_jobsLock)
        {
            if (type == OrthancChangeType.JobSubmitted)
            {
                if (!_isSubmitting && !_ownJobs.Contains(job))
                {
                    Remember(_toldJobs, job);
                    tracker.JobSubmitted(job, now);
                }
            }
            else if (!_ownJobs.Contains(job))
            {
                _toldJobs.Remove(job);
                tracker.JobEnded(job, now);
            }
        }
    }

    private bool IsOwn(string job)
    {
        lock (_jobsLock)
        {
            return _ownJobs.Contains(Digest128.Of(System.Text.Encoding.UTF8.GetBytes(job)));
        }
    }

    private void Own(Digest128 job)
    {
        lock (_jobsLock)
        {
            Remember(_ownJobs, job);
            if (_toldJobs.Remove(job))
            {
                tracker.JobEnded(job, time.GetTimestampTicks()); // its event was faster than we are
            }
        }
    }

    private static void Remember(HashSet<Digest128> jobs, Digest128 job)
    {
        if (jobs.Count >= MaximumOwnJobs)
        {
            jobs.Clear(); // those that still run, or are resumed, only cost hits
        }

        jobs.Add(job);
    }

    private static bool TryRead(OrthancResourceType level, ReadOnlySpan<byte> id, out Resource resource)
    {
        resource = default;
        if (level is < OrthancResourceType.Patient or > OrthancResourceType.Instance || !ResourceId.TryParse(id, out var parsed))
        {
            return false;
        }

        resource = new Resource((ResourceLevel)level, parsed);
        return true;
    }
}

/// <summary>The path of the request that this thread of the HTTP server got, as the request filter sees it. A REST callback is given it without what
/// is odd about it, such as two slashes, and is called for requests of Lua and of other plugins too, which no filter sees.</summary>
internal static class ClientPath
{
    private const int MaximumLength = 512;

    [ThreadStatic]
    private static byte[]? _path;

    [ThreadStatic]
    private static int _length;

    /// <summary>Called for each request from outside, on the thread that answers it.</summary>
    public static void Saw(ReadOnlySpan<byte> path)
    {
        _length = 0;
        if (path.Length <= MaximumLength)
        {
            path.CopyTo(_path ??= new byte[MaximumLength]);
            _length = path.Length;
        }
    }

    public static bool Is(ReadOnlySpan<byte> path) => _length > 0 && path.SequenceEqual(_path.AsSpan(0, _length));
}

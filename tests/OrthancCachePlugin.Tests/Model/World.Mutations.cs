using System.Globalization;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Model;

/// <content>What changes the archive, and what the plugin is told of it, when.</content>
internal sealed partial class World
{
    private void Begin(Step step)
    {
        var thread = step.B % Threads;
        if (_running.Exists(r => r.Thread == thread))
        {
            return;
        }

        var target = Any(step.C);
        var instance = step.C % Tree.InstanceCount;
        var study = Tree.Studies[step.C % 2];
        var annotated = step.C % 2 == 0 ? Tree.Instances[0] : Tree.Studies[0];
        var size = SizeOf(step.C / 4);
        var since = _time.GetTimestamp();
        var request = (step.A % 11) switch
        {
            0 or 1 => new RunningRequest { Thread = thread, Since = since, Scope = MutationScope.Content, Deleted = target, Apply = () => _origin.Delete(target) },
            2 => new RunningRequest
            {
                Thread = thread,
                Since = since,
                Scope = MutationScope.None,
                Uploaded = Tree.Instances[instance],
                Apply = () => _origin.Store(instance, size),
            },
            3 => new RunningRequest { Thread = thread, Since = since, Scope = MutationScope.Annotations, Apply = () => _origin.Annotate(annotated) },
            4 => new RunningRequest { Thread = thread, Since = since, Scope = MutationScope.Content, Apply = () => _origin.Transcode(target) },
            5 => new RunningRequest { Thread = thread, Since = since, Scope = MutationScope.Content, Apply = () => _origin.Rename(study) },
            6 => new RunningRequest { Thread = thread, Since = since, Scope = MutationScope.Content, Apply = SubmitJob },
            7 => Control(thread, since, "/jobs/x/pause"u8, PauseJob),
            8 => Control(thread, since, "/jobs/x/resume"u8, ResumeJob),
            9 => Control(thread, since, "/jobs/x/cancel"u8, CancelJob),
            _ => new RunningRequest { Thread = thread, Since = since, Scope = MutationScope.Content, Sets = true, Apply = () => _origin.Set(step.C % 3) },
        };
        if (request.Sets && (_scenario.IsDeaf || _running.Exists(r => r.Sets)))
        {
            return; // who hears nothing learns of it with the next second; and one at a time
        }

        _running.Add(request);
        _process.Request(thread, request.Scope, request.Deleted, request.Sets);
    }

    private void Commit(RunningRequest request)
    {
        if (!request.IsCommitted)
        {
            request.IsCommitted = true;
            request.Commit = request.Apply();
            Publish(request.Commit);
        }
    }

    private void Finish(RunningRequest request)
    {
        Commit(request);
        if (request.Uploaded is { } instance)
        {
            _process.Stored(instance);
        }

        _running.Remove(request);
        MustShow(request.Commit);
    }

    private void Store(int instance, int size)
    {
        var commit = _origin.Store(instance, size);
        Publish(commit);
        _process.Stored(Tree.Instances[instance]);
        MustShow(commit);
    }

    private void OtherServer(Step step)
    {
        if (_scenario.IsShared)
        {
            MustShow((step.A % 3) switch
            {
                0 => _origin.Delete(Any(step.B)),
                1 => _origin.Store(step.B % Tree.InstanceCount, SizeOf(step.C)),
                _ => _origin.Annotate(Tree.Instances[0]),
            });
        }
    }

    /// <summary>A request that controls a job, as the real classifier sees it.</summary>
    private RunningRequest Control(int thread, long since, ReadOnlySpan<byte> path, Func<Commit?> apply)
    {
        var scope = RequestClassifier.Classify(HttpMethod.Post, path, out _);
        if (RequestClassifier.MayStartJob(HttpMethod.Post, path, out _, out _))
        {
            _process.JobMayRun();
        }

        return new RunningRequest { Thread = thread, Since = since, Scope = scope, Apply = apply };
    }

    private Commit? PauseJob()
    {
        _isPaused = _jobs.Count > 0;
        return null;
    }

    private Commit? ResumeJob()
    {
        _isPaused = false;
        return null;
    }

    /// <summary>The end of a job that does not run is told to nobody.</summary>
    private Commit? CancelJob()
    {
        EndJob(isTold: !_isPaused);
        return null;
    }

    private Commit? SubmitJob()
    {
        _jobs.Add(++_jobCount);
        _jobEvents.Enqueue((_jobCount, false, _time.GetTimestamp()));
        if (_scenario.JobEventsAreDirect)
        {
            DeliverJobEvent();
        }

        return null;
    }

    private void JobCommit(Step step)
    {
        if (_jobs.Count == 0 || _isPaused)
        {
            return;
        }

        if (step.A % 3 == 0)
        {
            Store(step.B % Tree.InstanceCount, SizeOf(step.C));
        }
        else
        {
            var commit = step.A % 3 == 1 ? _origin.Delete(Any(step.B)) : _origin.Transcode(Any(step.B));
            commit?.Do(_jobCommits.Add);
            Publish(commit);
        }
    }

    private void JobEnd()
    {
        if (!_isPaused)
        {
            EndJob(isTold: true);
        }
    }

    private void EndJob(bool isTold)
    {
        _isPaused = false;
        if (_jobs.Count > 0)
        {
            if (isTold)
            {
                _jobEvents.Enqueue((_jobs[0], true, _time.GetTimestamp()));
            }

            _jobs.RemoveAt(0);

            // Whoever asks for the job is told that it succeeded, so all that it did must show.
            _jobCommits.ForEach(MustShow);
            _jobCommits.Clear();
            if (isTold && _scenario.JobEventsAreDirect)
            {
                DeliverJobEvent();
            }
        }
    }

    private void Publish(Commit? commit)
    {
        foreach (var (isDeleted, resource) in commit?.Events ?? [])
        {
            _events.Enqueue((commit!, isDeleted, resource));
        }
    }

    private void DeliverEvents(int count)
    {
        for (; count > 0 && _events.TryDequeue(out var next); count--)
        {
            _process.Event(next.IsDeleted, next.Resource);
            MustShow(next.Commit);
        }
    }

    private void DeliverJobEvent()
    {
        if (_jobEvents.TryDequeue(out var next))
        {
            _process.Job(next.Job, next.IsEnd);
        }
    }
}

using System.Globalization;
using OrthancCachePlugin.Core.Events;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Model;

/// <summary>
/// Plays one scenario on one thread and compares each answer with the history of commits. A commit must show, wherever it changes the
/// answer, once the response to its request is out, once the plugin was told of it, or, of a job, once the client can see that the job
/// ended.
/// </summary>
internal sealed class World
{
    private const int Threads = 4;
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(9);
    private static readonly (Resource Resource, string Route)[] Targets =
    [
        (Tree.Series[0], "instances-tags"), (Tree.Studies[0], "shared-tags"), (Tree.Patient, "shared-tags"), (Tree.Series[2], "shared-tags"),
        (Tree.Studies[0], "archive"), (Tree.Series[0], "archive"), (Tree.Instances[0], "tags"), (Tree.Instances[0], "simplified-tags"),
        (Tree.Instances[1], "tags"), (Tree.Instances[0], "file"), (Tree.Instances[0], "metadata"), (Tree.Studies[0], "attachments"),
    ];

    private readonly Scenario _scenario;
    private readonly ManualTime _time = new();
    private readonly SimulatedCore _core;
    private readonly MemoryStore _store = new() { IsLazy = true };
    private readonly ListLog _log = new();
    private readonly Queue<(Commit Commit, bool IsDeleted, Resource? Resource)> _events = new();
    private readonly Queue<(int Job, bool IsEnd, long Since)> _jobEvents = new();
    private readonly List<RunningRequest> _running = [];
    private readonly List<int> _jobs = [];
    private readonly Dictionary<int, List<HeldAnswer>> _held = [];
    private readonly HashSet<int> _asked = [];
    private readonly List<string>? _journal;
    private PluginProcess _process;
    private readonly int[] _mustShow = new int[Targets.Length];
    private readonly List<Commit> _jobCommits = [];
    private int _jobCount;
    private bool _isPaused;
    private int _reused;
    private TimeSpan _steppedBack;

    private World(Scenario scenario, bool tells)
    {
        _scenario = scenario;
        _journal = tells ? [] : null;
        _core = new SimulatedCore(_time, scenario.LastUpdateMovesOnDelete, keepsMd5: !scenario.HasSmallTables);
        for (var instance = 0; instance < Tree.InstanceCount; instance++)
        {
            MustShow(_core.Store(instance, 512));
        }

        _time.AdvanceSeconds(100);
        _process = new PluginProcess(scenario, _core, _store, _time, _log);
        _time.AdvanceSeconds(5);
    }

    /// <summary>Plays the scenario.</summary>
    /// <returns>Hits and 304s.</returns>
    /// <exception cref="StaleAnswerException">An answer broke the property; the message tells what happened.</exception>
    public static int Play(Scenario scenario)
    {
        try
        {
            return new World(scenario, tells: false).Play();
        }
        catch (StaleAnswerException)
        {
            return new World(scenario, tells: true).Play();
        }
    }

    private int Play()
    {
        foreach (var step in _scenario.Steps)
        {
            Do(step);
        }

        _store.Drain(TimeSpan.Zero);
        if (_core.Ledger.Outstanding != 0 || _store.Leases != 0 || !_log.Lines.IsEmpty)
        {
            throw Broken($"{_core.Ledger.Outstanding} answers and {_store.Leases} leases not given back, log: {string.Join('|', _log.Lines)}");
        }

        return _reused + (int)(_process.Cache.Counters.Hits + _process.Cache.Counters.NotModified);
    }

    private void Do(Step step)
    {
        _journal?.Add($"{_time.GetUtcNow():HH:mm:ss.fff} #{_core.Last}: {step}");
        switch (step.Kind)
        {
            case StepKind.Get:
                Get(step);
                break;
            case StepKind.BeginRequest:
                Begin(step);
                break;
            case StepKind.CommitRequest:
                _running.Find(r => !r.IsCommitted)?.Do(Commit);
                break;
            case StepKind.FinishRequest:
                _running.FirstOrDefault()?.Do(Finish);
                break;
            case StepKind.Store:
                Store(step.A % Tree.InstanceCount, SizeOf(step.B));
                break;
            case StepKind.QuietDelete:
                Publish(_core.Delete(Any(step.A)));
                break;
            case StepKind.QuietAnnotation:
                Publish(_core.Annotate(step.A % 2 == 0 ? Tree.Instances[0] : Tree.Studies[0]));
                break;
            case StepKind.OtherServer:
                OtherServer(step);
                break;
            case StepKind.DeliverEvents:
                DeliverEvents(1 + (step.A % 6));
                break;
            case StepKind.DeliverJobEvent:
                DeliverJobEvent();
                break;
            case StepKind.JobCommit:
                JobCommit(step);
                break;
            case StepKind.JobEnd:
                JobEnd();
                break;
            case StepKind.Advance:
                Advance(TimeSpan.FromMilliseconds(step.A));
                break;
            case StepKind.StepWall:
                StepWall(TimeSpan.FromMilliseconds(step.A));
                break;
            case StepKind.Flush:
                _store.Drain(TimeSpan.Zero);
                break;
            case StepKind.Restart:
                Restart(step);
                break;
        }
    }

    private void Get(Step step)
    {
        var target = step.A % Targets.Length;
        var thread = Enumerable.Range(0, Threads).FirstOrDefault(t => _running.TrueForAll(r => r.Thread != (t + step.B) % Threads), -1);
        if (thread < 0 || !_asked.Add(target))
        {
            return;
        }

        thread = (thread + step.B) % Threads;
        var (resource, route) = Targets[target];
        var (header, held) = Condition(step.C, _held.GetValueOrDefault(target) ?? []);
        var path = $"/{System.Text.Encoding.ASCII.GetString(ResourceLevels.PathOf(resource.Level))}/{resource.Id}/{route}";
        var exchange = new FakeExchange(path, header is null ? [] : [header]) { Core = t => _core.Get(System.Text.Encoding.UTF8.GetBytes(t)) };

        // The last commit whose response was out before the request came in.
        var bound = _mustShow[target];
        var outer = _core.Interleave;
        var inside = new Queue<(int Calls, Step Step)>(step.Inside);
        var calls = 0;
        _core.Interleave = () =>
        {
            calls++;
            while (inside.TryPeek(out var next) && next.Calls <= calls)
            {
                calls = 0;
                inside.Dequeue();
                Do(next.Step);
            }
        };
        _process.Request(thread, MutationScope.None, null);
        _process.Cache.Serve(exchange);
        _core.Interleave = outer;
        _asked.Remove(target);
        Compare(exchange, target, bound, held, header);
    }

    private void Compare(FakeExchange exchange, int target, int bound, HeldAnswer? held, string? header)
    {
        var (resource, route) = Targets[target];
        var body = exchange.Status == 304 ? held!.Body : exchange.Text;
        var fresh = Enumerable.Range(bound, _core.Last - bound + 1).Select(i => _core.At(i).Answer(resource, route)).ToList();
        _journal?.Add($"    {exchange.Status} {body} ETag {exchange["ETag"]} Last-Modified {exchange["Last-Modified"]} {exchange["Cache-Status"]} for {header}");
        if (!fresh.Contains(body))
        {
            throw Broken($"{exchange.Status} for {route} means \"{body}\", which is not of commits {bound} to {_core.Last}: {string.Join(" | ", fresh)}");
        }

        if (exchange.Status == 200)
        {
            if (!_held.TryGetValue(target, out var answers))
            {
                _held[target] = answers = [];
            }

            answers.Add(new HeldAnswer(body!, exchange["ETag"], exchange["Last-Modified"], exchange["Date"]!));
        }
    }

    /// <summary>Any answer that was ever given may come back as a condition.</summary>
    private static (string? Header, HeldAnswer? Held) Condition(int choice, List<HeldAnswer> answers)
    {
        if (choice % 4 == 0 || answers.Count == 0)
        {
            return (null, null);
        }

        // Mostly the last one: that is what clients do.
        var held = choice % 3 == 0 ? answers[choice / 12 % answers.Count] : answers[^1];
        return held switch
        {
            { Tag: not null } when choice % 2 == 1 || held.LastModified is null => ($"If-None-Match: {held.Tag}", held),
            { LastModified: not null } => ($"If-Modified-Since: {held.LastModified}", held),

            // RFC 9110 section 13.1.3: without validators, the Date may be used.
            _ => ($"If-Modified-Since: {held.Date}", held),
        };
    }

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
        var request = (step.A % 10) switch
        {
            0 or 1 => new RunningRequest { Thread = thread, Since = since, Scope = MutationScope.Content, Deleted = target, Apply = () => _core.Delete(target) },
            2 => new RunningRequest
            {
                Thread = thread,
                Since = since,
                Scope = MutationScope.None,
                Uploaded = Tree.Instances[instance],
                Apply = () => _core.Store(instance, size),
            },
            3 => new RunningRequest { Thread = thread, Since = since, Scope = MutationScope.Annotations, Apply = () => _core.Annotate(annotated) },
            4 => new RunningRequest { Thread = thread, Since = since, Scope = MutationScope.Content, Apply = () => _core.Transcode(target) },
            5 => new RunningRequest { Thread = thread, Since = since, Scope = MutationScope.Content, Apply = () => _core.Rename(study) },
            6 => new RunningRequest { Thread = thread, Since = since, Scope = MutationScope.Content, Apply = SubmitJob },
            7 => Control(thread, since, "/jobs/x/pause"u8, PauseJob),
            8 => Control(thread, since, "/jobs/x/resume"u8, ResumeJob),
            _ => Control(thread, since, "/jobs/x/cancel"u8, CancelJob),
        };
        _running.Add(request);
        _process.Request(thread, request.Scope, request.Deleted);
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
        var commit = _core.Store(instance, size);
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
                0 => _core.Delete(Any(step.B)),
                1 => _core.Store(step.B % Tree.InstanceCount, SizeOf(step.C)),
                _ => _core.Annotate(Tree.Instances[0]),
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
            var commit = step.A % 3 == 1 ? _core.Delete(Any(step.B)) : _core.Transcode(Any(step.B));
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

    private void Advance(TimeSpan time)
    {
        // No request is that slow, and no event of a job that late.
        foreach (var request in _running.Where(r => _time.GetElapsedTime(r.Since) + time > LongestRequest).ToArray())
        {
            Finish(request);
        }

        while (_jobEvents.TryPeek(out var next) && _time.GetElapsedTime(next.Since) + time > LongestRequest)
        {
            DeliverJobEvent();
        }

        _time.Advance(time);
    }

    private void StepWall(TimeSpan time)
    {
        // As a time server does it: forward as it likes, back by less than a second, and not twice.
        if (time > TimeSpan.Zero)
        {
            _time.StepWall(time);
        }
        else if (_steppedBack == TimeSpan.Zero)
        {
            _steppedBack = time;
            _time.StepWall(time);
        }
    }

    private void Restart(Step step)
    {
        if (_asked.Count > 0)
        {
            return; // Orthanc waits for its requests before it unloads a plugin
        }

        foreach (var request in _running.ToArray())
        {
            Finish(request);
        }

        while (_jobs.Count > 0)
        {
            EndJob(isTold: true);
        }

        _events.Clear();
        _jobEvents.Clear();
        _store.Drain(TimeSpan.Zero);

        // Where the clock was set back, a restart takes longer than that: dates do not survive a clock that goes back over a restart.
        Advance(TimeSpan.FromMilliseconds(1 + (step.A % 700)) - _steppedBack);
        _ = (step.B % 5) switch
        {
            0 => _core.Delete(Any(step.C)),
            1 => _core.Store(step.C % Tree.InstanceCount, SizeOf(step.C / 4)),
            2 => _core.Transcode(Any(step.C)),
            3 => _core.Annotate(Tree.Instances[0]),
            _ => null,
        };
        Array.Fill(_mustShow, _core.Last);
        Advance(TimeSpan.FromMilliseconds(1 + (step.A % 500)));
        _reused += (int)(_process.Cache.Counters.Hits + _process.Cache.Counters.NotModified);
        _process = new PluginProcess(_scenario, _core, _store, _time, _log);
    }

    private void MustShow(Commit? commit)
    {
        for (var target = 0; commit is not null && target < Targets.Length; target++)
        {
            var (resource, route) = Targets[target];
            var isChanged = _core.At(commit.Number).Answer(resource, route) != _core.At(commit.Number - 1).Answer(resource, route);
            _mustShow[target] = isChanged ? Math.Max(_mustShow[target], commit.Number) : _mustShow[target];
        }
    }

    private StaleAnswerException Broken(string what) => new(string.Create(
        CultureInfo.InvariantCulture, $"{what}\nwhat happened:\n{string.Join('\n', _journal ?? [])}"));

    private static Resource Any(int choice) => Tree.All.ElementAt(choice % Tree.All.Count());

    private static int SizeOf(int choice) => choice % 2 == 0 ? 512 : 768;
}

using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Model;

/// <summary>
/// Plays one scenario on one thread and compares each response with the history of commits. A commit must show, wherever it changes the
/// answer, once the response to its request is out, once the plugin was told of it, or, of a job, once the client can see that the job
/// ended.
/// </summary>
internal sealed partial class World
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
    private readonly FakeTimeProvider _time = FakeClock.Create();
    private readonly SimulatedOrigin _origin;
    private readonly MemoryStore _store = new() { IsLazy = true };
    private readonly MemorySettings _settings = new();
    private readonly ListLog _log = new();
    private readonly Queue<(Commit Commit, bool IsDeleted, Resource? Resource)> _events = new();
    private readonly Queue<(int Job, bool IsEnd, long Since)> _jobEvents = new();
    private readonly List<RunningRequest> _running = [];
    private readonly List<int> _jobs = [];
    private readonly Dictionary<int, List<HeldResponse>> _held = [];
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
        _origin = new SimulatedOrigin(_time, scenario.LastUpdateMovesOnDelete, keepsMd5: !scenario.HasSmallTables, writesTags: true);
        for (var instance = 0; instance < Tree.InstanceCount; instance++)
        {
            MustShow(_origin.Store(instance, 512));
        }

        _time.AdvanceSeconds(100);
        _process = new PluginProcess(scenario, _origin, _store, _settings, _time, _log);
        _time.AdvanceSeconds(5);
    }

    /// <summary>Plays the scenario.</summary>
    /// <returns>Hits and 304s.</returns>
    /// <exception cref="StaleResponseException">A response broke the property; the message tells what happened.</exception>
    public static int Play(Scenario scenario)
    {
        try
        {
            return new World(scenario, tells: false).Play();
        }
        catch (StaleResponseException)
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
        if (_origin.Ledger.Outstanding != 0 || _store.Outstanding != 0 || !_log.Lines.IsEmpty)
        {
            throw Broken($"{_origin.Ledger.Outstanding} responses and {_store.Outstanding} entries not given back, log: {string.Join('|', _log.Lines)}");
        }

        return _reused + (int)(_process.Cache.Counters.Hits + _process.Cache.Counters.NotModified);
    }

    private void Do(Step step)
    {
        _journal?.Add($"{_time.GetUtcNow():HH:mm:ss.fff} #{_origin.Last}: {step}");
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
                Publish(_origin.Delete(Any(step.A)));
                break;
            case StepKind.QuietAnnotation:
                Publish(_origin.Annotate(step.A % 2 == 0 ? Tree.Instances[0] : Tree.Studies[0]));
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
            0 => _origin.Delete(Any(step.C)),
            1 => _origin.Store(step.C % Tree.InstanceCount, SizeOf(step.C / 4)),
            2 => _origin.Transcode(Any(step.C)),
            3 => _origin.Annotate(Tree.Instances[0]),
            _ => _origin.Set(step.C % 3),
        };
        Array.Fill(_mustShow, _origin.Last);
        Advance(TimeSpan.FromMilliseconds(1 + (step.A % 500)));
        _reused += (int)(_process.Cache.Counters.Hits + _process.Cache.Counters.NotModified);
        _process = new PluginProcess(_scenario, _origin, _store, _settings, _time, _log);
    }

    private void MustShow(Commit? commit)
    {
        for (var target = 0; commit is not null && target < Targets.Length; target++)
        {
            var (resource, route) = Targets[target];
            var isChanged = _origin.At(commit.Number).Respond(resource, route) != _origin.At(commit.Number - 1).Respond(resource, route);
            _mustShow[target] = isChanged ? Math.Max(_mustShow[target], commit.Number) : _mustShow[target];
        }
    }

    private StaleResponseException Broken(string what) => new(string.Create(
        CultureInfo.InvariantCulture, $"{what}\nwhat happened:\n{string.Join('\n', _journal ?? [])}"));

    private static Resource Any(int choice) => Tree.All.ElementAt(choice % Tree.All.Count());

    private static int SizeOf(int choice) => choice % 2 == 0 ? 512 : 768;
}

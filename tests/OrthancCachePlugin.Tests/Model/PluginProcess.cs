using Microsoft.Extensions.Time.Testing;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Tags;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Model;

/// <summary>One life of the plugin: the real types, told of events as the host's callbacks tell them.</summary>
internal sealed class PluginProcess
{
    private readonly ChangeTracker _tracker;
    private readonly MutationLog _log;
    private readonly FakeTimeProvider _time;
    private readonly bool _isDeaf;

    public PluginProcess(Scenario scenario, SimulatedOrigin origin, MemoryStore store, MemorySettings memory, FakeTimeProvider time, ListLog log)
    {
        _time = time;
        _isDeaf = scenario.IsDeaf;
        _tracker = new ChangeTracker(scenario.IsShared);
        _log = new MutationLog(scenario.HasSmallTables ? 4 : 64);
        var settings = new VersionSettings
        {
            LastUpdateMovesOnDelete = scenario.LastUpdateMovesOnDelete,
            RememberedResources = scenario.HasSmallTables ? 4 : 64,
            RememberedRequests = scenario.HasSmallTables ? 4 : 64,
            ChildrenPerResource = scenario.HasSmallTables ? 2 : 64,
        };
        var versions = new ResourceVersions(new OrthancApi(origin), _tracker, _log, time, settings);
        var server = new ServerSettings(new OrthancApi(origin), _tracker, time, default, memory, later => later());
        var tags = new DerivedTags(origin, versions, store, new PlainCompressor(), (_, work) => work(), time, maximumWait: TimeSpan.Zero);
        Cache = new ResponseCache(new RequestPolicy(new PolicyOptions()), versions, _tracker, server, store, new PlainCompressor(), time, log, tags: tags);
    }

    public ResponseCache Cache { get; }

    private long Now => _time.GetTimestampTicks();

    public void Request(int thread, MutationScope scope, Resource? deleted, bool sets = false)
    {
        if (!_isDeaf)
        {
            if (sets)
            {
                _tracker.ToolSeen();
            }

            _tracker.RequestSeen(thread, scope, deleted, Now, sets);
        }
    }

    public void JobMayRun()
    {
        if (!_isDeaf)
        {
            _tracker.JobMayRun(Now);
        }
    }

    public void Stored(Resource instance)
    {
        if (!_isDeaf)
        {
            _log.Add(instance.Id, deleted: false);
            _tracker.InstanceStored(Now);
        }
    }

    /// <param name="isDeleted">Whether the event says so.</param>
    /// <param name="resource">Which resource; null for metadata and attachments.</param>
    public void Event(bool isDeleted, Resource? resource)
    {
        if (_isDeaf)
        {
            return;
        }

        if (!isDeleted)
        {
            _tracker.Changed(resource is null ? MutationScope.Annotations : MutationScope.Content, Now);
            return;
        }

        if (resource!.Value.Level == ResourceLevel.Instance)
        {
            _log.Add(resource.Value.Id, deleted: true);
        }

        _tracker.ResourceDeleted(resource.Value, Now);
    }

    public void Job(int number, bool isEnd)
    {
        var job = new Digest128((ulong)number, 0);
        if (isEnd)
        {
            _tracker.JobEnded(job, Now);
        }
        else
        {
            _tracker.JobSubmitted(job, Now);
        }
    }
}

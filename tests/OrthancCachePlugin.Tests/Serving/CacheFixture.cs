using System.Text;
using Microsoft.Extensions.Time.Testing;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Tests.Fakes;
using OrthancCachePlugin.Tests.Model;

namespace OrthancCachePlugin.Tests.Serving;

/// <summary>The whole pipeline over a simulated origin, with fakes at its edges only.</summary>
internal sealed class CacheFixture
{
    public static readonly string Series = $"/series/{Tree.Series[0].Id}/shared-tags";
    public static readonly string Tags = $"/instances/{Tree.Instances[0].Id}/tags";
    public static readonly string Metadata = $"/instances/{Tree.Instances[0].Id}/metadata";
    public static readonly string Pdf = $"/instances/{Tree.Instances[0].Id}/pdf";
    public static readonly string File = $"/instances/{Tree.Instances[0].Id}/file";
    public static readonly string Archive = $"/series/{Tree.Series[0].Id}/archive";

    private readonly VersionSettings _settings;
    private OrthancApi _queries;

    public CacheFixture(PolicyOptions? options = null, VersionSettings? settings = null)
    {
        Options = options ?? new PolicyOptions();
        _settings = settings ?? new VersionSettings { LastUpdateMovesOnDelete = false };
        Origin = new SimulatedOrigin(Time, _settings.LastUpdateMovesOnDelete, keepsMd5: true);
        for (var i = 0; i < Tree.InstanceCount; i++)
        {
            Origin.Store(i, 512);
        }

        Time.AdvanceSeconds(60);
        Restart();
        Time.AdvanceSeconds(5);
    }

    public PolicyOptions Options { get; }

    public FakeTimeProvider Time { get; } = FakeClock.Create();

    public SimulatedOrigin Origin { get; }

    public MemoryStore Store { get; } = new();

    public MemorySettings Settings { get; } = new();

    /// <summary>What shapes responses from one start to the next.</summary>
    public Digest128 Host { get; set; }

    public ListLog Log { get; } = new();

    /// <summary>Whether what the origin answers is complete.</summary>
    public bool IsComplete { get; set; } = true;

    public ChangeTracker Tracker { get; private set; } = null!;

    public MutationLog Mutations { get; private set; } = null!;

    public ResponseCache Cache { get; private set; } = null!;

    /// <summary>Questions about versions so far.</summary>
    public long Questions => _queries.Calls;

    public long Now => Time.GetTimestampTicks();

    /// <summary>Another process over the same origin and the same store.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_queries))]
    public void Restart()
    {
        Tracker = new ChangeTracker();
        Mutations = new MutationLog(64);
        _queries = new OrthancApi(Origin);
        var versions = new ResourceVersions(_queries, Tracker, Mutations, Time, _settings);
        var settings = new ServerSettings(new OrthancApi(Origin), Tracker, Time, Host, Settings, later => later());
        Cache = new ResponseCache(new RequestPolicy(Options), versions, Tracker, settings, Store, new PlainCompressor(), Time, Log, (ResponseCache _, in CacheRequest _, OriginResponse _) => IsComplete);
    }

    public FakeExchange Get(string target, params string[] headers) => Serve(new FakeExchange(target, headers) { Origin = Ask });

    public FakeExchange Serve(FakeExchange exchange)
    {
        Cache.Serve(exchange);
        return exchange;
    }

    public OriginResponse Ask(string target) => Origin.Get(Encoding.UTF8.GetBytes(target));

    /// <summary>Removes what is cached of a resource, as who runs the server does.</summary>
    public void Purge(Resource resource) => new EntryRemover(Store, new OrthancApi(Origin), Cache.Forget).Remove([resource]);

    /// <summary>Removes everything that is cached.</summary>
    public void PurgeAll() => new EntryRemover(Store, new OrthancApi(Origin), Cache.Forget).RemoveAll();

    /// <summary>Stores and tells, as an upload does.</summary>
    public void Upload(int instance, int size = 512)
    {
        Origin.Store(instance, size);
        Mutations.Add(Tree.Instances[instance].Id, deleted: false);
        Tracker.InstanceStored(Now);
    }

    /// <summary>Deletes and tells, as recycling does.</summary>
    public void Delete(int instance)
    {
        Origin.Delete(Tree.Instances[instance]);
        Mutations.Add(Tree.Instances[instance].Id, deleted: true);
        Tracker.ResourceDeleted(Tree.Instances[instance], Now);
    }
}

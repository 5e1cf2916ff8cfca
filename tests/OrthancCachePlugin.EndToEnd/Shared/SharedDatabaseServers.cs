using System.Text.Json.Nodes;

namespace OrthancCachePlugin.EndToEnd.Shared;

/// <summary>Two Orthancs on one PostgreSQL: ours only reads, a bare one writes, and no event tells ours of it.</summary>
public sealed class SharedDatabaseServers : TwoServers
{
    private readonly PostgresCluster cluster;

    public SharedDatabaseServers()
        : this(new PostgresCluster())
    {
    }

    private SharedDatabaseServers(PostgresCluster cluster)
        : base(s => Configure(s, cluster), upload: false) => this.cluster = cluster;

    public override IReadOnlyList<OrthancServer> Writers => [Bare];

    public override void Dispose()
    {
        base.Dispose();
        cluster.Dispose();
    }

    internal static void Configure(OrthancSettings settings, PostgresCluster cluster)
    {
        settings.Cache["SharedDatabase"] = true;
        settings.Configuration["ExecuteLuaEnabled"] = true;
        settings.Plugins.Add("/usr/share/orthanc/plugins/libOrthancPostgreSQLIndex.so");
        settings.Plugins.Add("/usr/share/orthanc/plugins/libOrthancPostgreSQLStorage.so");
        settings.Configuration["PostgreSQL"] = new JsonObject
        {
            ["EnableIndex"] = true,
            ["EnableStorage"] = true,
            ["Host"] = "127.0.0.1",
            ["Port"] = cluster.Port,
            ["Database"] = PostgresCluster.Database,
            ["Username"] = PostgresCluster.User,
            ["Password"] = "",
            ["Lock"] = false,
        };
    }
}

namespace OrthancCachePlugin.EndToEnd.Torture;

/// <summary>Two empty servers on which scripts may run: the tests ask the origin through Lua where no second server can know the response.</summary>
public sealed class TortureServers : TwoServers
{
    public TortureServers()
        : base(s => s.Configuration["ExecuteLuaEnabled"] = true, upload: false)
    {
    }
}

/// <summary>The same, where ours stores binary responses too.</summary>
public sealed class TortureServersWithBinaries : TwoServers
{
    public TortureServersWithBinaries()
        : base(
            s =>
            {
                s.Configuration["ExecuteLuaEnabled"] = true;
                s.Cache["CacheBinaries"] = true;
            },
            upload: false)
    {
    }
}

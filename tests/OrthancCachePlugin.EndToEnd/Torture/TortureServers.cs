namespace OrthancCachePlugin.EndToEnd.Torture;

/// <summary>Two empty servers on which scripts may run: the tests ask the core through Lua where no second server can know the answer.</summary>
public sealed class TortureServers : TwoServers
{
    public TortureServers()
        : base(s => s.Configuration["ExecuteLuaEnabled"] = true, upload: false)
    {
    }
}

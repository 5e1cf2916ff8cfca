namespace OrthancCachePlugin.EndToEnd.Servers;

/// <summary>
/// The disk cache is opened behind the start of Orthanc. Until then every request is a miss, and the routes of its entries answer 503: a
/// test that says something about what is cached waits first.
/// </summary>
internal static class DiskCache
{
    public const string Working = "Working";
    public const string Disabled = "Disabled";

    /// <summary>Waits until the disk cache is in a state.</summary>
    public static void AwaitDiskCache(this OrthancServer server, string state = Working) =>
        Until.True($"the disk cache is {state}", () => server.DiskCacheState() == state);

    /// <summary>Waits until it is known whether the disk cache works.</summary>
    public static void AwaitDiskCacheOpened(this OrthancServer server) =>
        Until.True("the disk cache was opened", () => server.DiskCacheState() is Working or Disabled);

    private static string DiskCacheState(this OrthancServer server) =>
        server.Client.GetJson("/plugins/response-cache/status")["Disk"]!["State"]!.GetValue<string>();
}

using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.WarmUp;
using OrthancCachePlugin.Tests.Fakes;
using OrthancCachePlugin.Tests.Storage;
using OrthancCachePlugin.Tests.WarmUp;

namespace OrthancCachePlugin.Tests.Administration;

/// <summary>What removes the entries of deleted resources, between an origin and a store that do what a test wants.</summary>
internal sealed class DeletedResourcesBench : IDisposable
{
    public DeletedResourcesBench()
    {
        Remover = new EntryRemover(Store, new OrthancApi(Origin), Forget);
        Deletions = new DeletedResources(Remover, Store, new LoadGate(new ServingCounters(), Time), Time, Log);
        Origin.Responses["/system"] = "{}";
    }

    public WaitedClock Time { get; } = new();

    public TextOrigin Origin { get; } = new();

    public ListedStore Store { get; } = new();

    public ListLog Log { get; } = new();

    /// <summary>Called before memory forgets.</summary>
    public Action? OnForget { get; set; }

    /// <summary>What memory was told to forget.</summary>
    public List<KeyPrefixes> Forgotten { get; } = [];

    public EntryRemover Remover { get; }

    public DeletedResources Deletions { get; }

    /// <summary>A key of <c>attachments</c>, a route that every level has.</summary>
    public static byte[] Key(Resource resource)
    {
        var routes = resource.Level == ResourceLevel.Instance ? RouteTable.Instances : RouteTable.Parents;
        var key = new byte[RequestKey.ResourcePrefixSize + 4 + 32];
        RequestKey.WriteResource(resource, key);
        key[RequestKey.ResourcePrefixSize] = routes.First(r => r.Name == "attachments").Code;
        return key;
    }

    /// <summary>What is looked for after the start has been looked for.</summary>
    public void Finish()
    {
        Time.Advance(DeletedResources.Quiet);
        Deletions.RunOnce();
        Deletions.RunOnce().Should().BeNull();
        Forgotten.Clear();
        Store.Removed.Clear();
    }

    /// <summary>Something is stored of a resource.</summary>
    public void Hold(Resource resource, bool exists)
    {
        Store.Entries[Convert.ToHexString(Key(resource))] = [1];
        if (exists)
        {
            Origin.Responses[$"/{Encoding.ASCII.GetString(ResourceLevels.PathOf(resource.Level))}/{resource.Id}/metadata"] = "[]";
        }
    }

    public void Dispose() => Deletions.Dispose();

    private void Forget(KeyPrefixes keys)
    {
        OnForget?.Invoke();
        Forgotten.Add(keys);
    }
}

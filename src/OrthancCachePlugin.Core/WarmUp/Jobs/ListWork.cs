using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp.Jobs;

/// <summary>The resources that somebody named.</summary>
internal sealed class ListWork(ResourceTree tree, IReadOnlyList<Resource> resources, int done = 0) : IJobWork
{
    private int _done = Math.Clamp(done, 0, resources.Count);

    /// <inheritdoc/>
    public int Done => Volatile.Read(ref _done);

    /// <inheritdoc/>
    public int Total => resources.Count;

    /// <inheritdoc/>
    public bool IsThrottled => false;

    /// <inheritdoc/>
    public bool Prepare() => true;

    /// <inheritdoc/>
    public IReadOnlyList<Resource>? Next() => Done < Total ? tree.WithChildren(resources[Done]) : null;

    /// <inheritdoc/>
    public void Advance() => Interlocked.Increment(ref _done);

    /// <inheritdoc/>
    public void Reset() => Volatile.Write(ref _done, 0);

    /// <inheritdoc/>
    public void Save(Utf8JsonWriter writer)
    {
        writer.WriteNumber(nameof(Done), Done);
        writer.WriteStartArray("Resources");
        foreach (var resource in resources)
        {
            writer.WriteStringValue($"{Encoding.ASCII.GetString(ResourceLevels.PathOf(resource.Level))}/{resource.Id}");
        }

        writer.WriteEndArray();
    }
}

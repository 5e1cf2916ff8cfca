using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Events;
using OrthancCachePlugin.Core.Hashing;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Versions;

namespace OrthancCachePlugin.Host;

/// <summary>
/// Tells the epoch what Orthanc's callbacks say. Does nothing that takes time: one thread of Orthanc serves all plugins.
/// </summary>
internal sealed class OrthancEvents(Epoch epoch, MutationLog log, TimeProvider time, Action start)
{
    /// <summary>A change event came.</summary>
    public void Changed(OrthancChangeType type, OrthancResourceType level, ReadOnlySpan<byte> id)
    {
        var now = time.GetTimestampTicks();
        switch (type)
        {
            case OrthancChangeType.Deleted:
                Deleted(level, id, now);
                break;

            case OrthancChangeType.JobSubmitted:
                epoch.JobSubmitted(Digest128.Of(id), now);
                break;

            case OrthancChangeType.JobSuccess:
            case OrthancChangeType.JobFailure:
                epoch.JobEnded(Digest128.Of(id), now);
                break;

            case OrthancChangeType.UpdatedAttachment:
            case OrthancChangeType.UpdatedMetadata:
                epoch.Changed(MutationScope.Annotations, now);
                break;

            case OrthancChangeType.CompletedSeries:
            case OrthancChangeType.StablePatient:
            case OrthancChangeType.StableStudy:
            case OrthancChangeType.StableSeries:
            case OrthancChangeType.OrthancStarted:
                start();
                break;

            case OrthancChangeType.OrthancStopped:
            case OrthancChangeType.UpdatedPeers:
            case OrthancChangeType.UpdatedModalities:
                break;

            default:
                // New resources, and whatever later versions tell.
                epoch.Changed(MutationScope.Content, now);
                break;
        }
    }

    /// <summary>An instance was stored.</summary>
    public void InstanceStored(ReadOnlySpan<byte> id)
    {
        if (ResourceId.TryParse(id, out var instance))
        {
            log.Add(instance, deleted: false);
        }

        epoch.InstanceStored(time.GetTimestampTicks());
    }

    /// <summary>A request is about to run on this thread.</summary>
    public void RequestSeen(OrthancHttpMethod method, ReadOnlySpan<byte> path)
    {
        var scope = RequestClassifier.Classify(Translate(method), path, out var deleted);
        if (method == OrthancHttpMethod.Post && path.StartsWith("/jobs/"u8))
        {
            epoch.JobMayRun(time.GetTimestampTicks());
        }

        epoch.RequestSeen(Environment.CurrentManagedThreadId, scope, deleted, time.GetTimestampTicks());
    }

    /// <summary>The method in our words; one that we do not know may change everything, like POST.</summary>
    public static HttpMethod Translate(OrthancHttpMethod method) => method switch
    {
        OrthancHttpMethod.Get => HttpMethod.Get,
        OrthancHttpMethod.Put => HttpMethod.Put,
        OrthancHttpMethod.Delete => HttpMethod.Delete,
        _ => HttpMethod.Post,
    };

    private void Deleted(OrthancResourceType level, ReadOnlySpan<byte> id, long now)
    {
        if (level is < OrthancResourceType.Patient or > OrthancResourceType.Instance || !ResourceId.TryParse(id, out var parsed))
        {
            epoch.Changed(MutationScope.Content, now);
            return;
        }

        if (level == OrthancResourceType.Instance)
        {
            log.Add(parsed, deleted: true);
        }

        epoch.ResourceDeleted(new Resource((ResourceLevel)level, parsed), now);
    }
}

using System.Text;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>What an HTTP request may change, told before it runs. In doubt everything; what viewers and modalities send all the time is
/// known.</summary>
public static class RequestClassifier
{
    public static MutationScope Classify(HttpMethod method, ReadOnlySpan<byte> path, out Resource? deleted)
    {
        deleted = null;
        if (method == HttpMethod.Get)
        {
            return MutationScope.None;
        }

        var first = Take(ref path);
        var second = Take(ref path);
        var third = Take(ref path);
        if (ResourceLevels.TryParse(first, out var level))
        {
            return ClassifyResource(method, level, second, third, ref deleted);
        }

        if (IsControl(first, third, path) && method == HttpMethod.Post)
        {
            return MutationScope.None;
        }

        // Searches, and requests to others, change nothing here; what a C-GET or C-MOVE brings is told as it is stored.
        var isHarmless = (first.SequenceEqual("tools"u8) && IsReadOnlyTool(second))
            || first.SequenceEqual("modalities"u8)
            || first.SequenceEqual("queries"u8)
            || first.SequenceEqual("peers"u8)
            || (first.SequenceEqual("plugins"u8) && second.SequenceEqual("response-cache"u8));
        return isHarmless ? MutationScope.None : MutationScope.Content;
    }

    /// <summary>Whether a request, or a script or plugin that it runs, may set what shapes responses and belongs to no resource.</summary>
    public static bool MaySet(MutationScope scope, ReadOnlySpan<byte> path, out bool isTool)
    {
        var first = Take(ref path);
        isTool = scope == MutationScope.Content && first.SequenceEqual("tools"u8);
        return scope == MutationScope.Content && !ResourceLevels.TryParse(first, out _);
    }

    /// <summary>Whether a request may let a job run that was not submitted just now: one that was paused, or has failed.</summary>
    public static bool MayStartJob(HttpMethod method, ReadOnlySpan<byte> path, out string job, out bool isCancel)
    {
        job = "";
        isCancel = false;
        if (method == HttpMethod.Get)
        {
            return false;
        }

        var first = Take(ref path);
        if (!first.SequenceEqual("jobs"u8))
        {
            return false;
        }

        job = Encoding.UTF8.GetString(Take(ref path));
        var verb = Take(ref path);
        var isControl = IsControl(first, verb, path);
        isCancel = isControl && verb.SequenceEqual("cancel"u8);
        return !isControl;
    }

    /// <summary>Pausing and canceling only mark a job, which counts as running until its end is told (JobsEngine::ExecuteStep).</summary>
    private static bool IsControl(ReadOnlySpan<byte> first, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> rest) =>
        first.SequenceEqual("jobs"u8) && rest.Trim((byte)'/').IsEmpty && (verb.SequenceEqual("pause"u8) || verb.SequenceEqual("cancel"u8));

    private static MutationScope ClassifyResource(
        HttpMethod method, ResourceLevel level, ReadOnlySpan<byte> id, ReadOnlySpan<byte> what, ref Resource? deleted)
    {
        if (id.IsEmpty)
        {
            // POST /instances: each instance is told as it is stored, overwritten ones too, and recycling leaves no ancestor behind.
            return level == ResourceLevel.Instance && method == HttpMethod.Post ? MutationScope.None : MutationScope.Content;
        }

        if (what.IsEmpty)
        {
            if (method == HttpMethod.Delete && ResourceId.TryParse(id, out var parsed))
            {
                deleted = new Resource(level, parsed);
            }

            return MutationScope.Content;
        }

        if (what.SequenceEqual("metadata"u8) || what.SequenceEqual("labels"u8) || what.SequenceEqual("protected"u8))
        {
            return MutationScope.Annotations;
        }

        // An attachment may be the DICOM file itself: it can be compressed, and some versions let it be replaced.
        var isReadOnly = what.SequenceEqual("archive"u8) || what.SequenceEqual("media"u8);
        return isReadOnly ? MutationScope.None : MutationScope.Content;
    }

    private static bool IsReadOnlyTool(ReadOnlySpan<byte> tool) =>
        tool.SequenceEqual("find"u8) || tool.SequenceEqual("lookup"u8) || tool.SequenceEqual("count-resources"u8)
        || tool.SequenceEqual("bulk-content"u8) || tool.SequenceEqual("create-archive"u8) || tool.SequenceEqual("create-media"u8)
        || tool.SequenceEqual("create-media-extended"u8) || tool.SequenceEqual("dicom-echo"u8);

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> path)
    {
        path = path.TrimStart((byte)'/');
        var slash = path.IndexOf((byte)'/');
        var component = slash < 0 ? path : path[..slash];
        path = slash < 0 ? default : path[slash..];
        return component;
    }
}

using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Origin;

/// <summary>Orthanc's built-in REST API, asked from inside. Thread-safe.</summary>
public interface IOrigin
{
    /// <param name="path">Path and query; a zero byte follows that is not part of it.</param>
    /// <returns>The response, owned by the caller; a failure is a response too.</returns>
    OriginResponse Get(ReadOnlySpan<byte> path);
}

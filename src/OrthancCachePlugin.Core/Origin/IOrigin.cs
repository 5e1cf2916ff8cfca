namespace OrthancCachePlugin.Core.Origin;

/// <summary>The origin's built-in REST API, asked from inside: what versions and warm-up need. Thread-safe.</summary>
public interface IOrigin
{
    /// <summary>Asks for one path.</summary>
    /// <param name="path">Path and query; ends with a zero byte that is not part of it.</param>
    /// <returns>The response, owned by the caller; a failure is a response too.</returns>
    OriginResponse Get(ReadOnlySpan<byte> path);
}

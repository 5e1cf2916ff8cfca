namespace OrthancCachePlugin.Core.Serving;

/// <summary>The core's built-in REST API, asked from inside: what versions and warm-up need. Thread-safe.</summary>
public interface ICore
{
    /// <summary>Asks for one path.</summary>
    /// <param name="path">Path and query; ends with a zero byte that is not part of it.</param>
    /// <returns>The answer, owned by the caller; a failure is an answer too.</returns>
    OriginAnswer Get(ReadOnlySpan<byte> path);
}

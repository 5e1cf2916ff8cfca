using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>A request to one of our own routes below <c>/plugins/response-cache</c>. Copied from the host: these are rare and small.</summary>
public sealed record AdminRequest
{
    public required HttpMethod Method { get; init; }

    /// <summary>What follows <c>/plugins/response-cache</c>, as <c>/status</c>; without query.</summary>
    public required string Path { get; init; }

    /// <summary>Headers by their names in lower case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>A header, or an empty string.</summary>
    public string Header(string lowerCaseName) => Headers.TryGetValue(lowerCaseName, out var value) ? value : "";
}

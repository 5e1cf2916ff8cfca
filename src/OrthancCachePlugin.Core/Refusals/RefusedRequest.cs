using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Refusals;

/// <summary>A request that the origin refused, taken apart. Texts stand for bytes, one character each (Latin-1). Immutable.</summary>
public sealed record RefusedRequest
{
    private readonly string[] _components;

    /// <param name="path">Without trailing slash, not decoded again.</param>
    public RefusedRequest(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        _components = path.Split('/');
    }

    public HttpMethod Method { get; init; }

    /// <summary>Of equal names the last one, as in the origin.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>The header <c>Accept</c>, or null.</summary>
    public string? Accept { get; init; }

    /// <summary>The body of a POST.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary><c>instances</c>, <c>series</c>, ...</summary>
    public string Level => Component(1);

    public string Id => Component(2);

    /// <summary>What is asked for: the last component of a route that we serve.</summary>
    public string Name => _components[^1];

    public bool IsInstance => Level == "instances";

    /// <summary>Whether it is <c>/instances/{id}/frames/{n}/{name}</c>.</summary>
    public bool IsOfFrame => IsInstance && _components.Length == 6 && Component(3) == "frames";

    /// <summary>The frame that the path names, as text; the first one where it names none.</summary>
    public string Frame => IsOfFrame ? Component(4) : "0";

    /// <summary>Whether it is <c>/{level}/{id}/{name}</c>.</summary>
    public bool IsOfResource => _components.Length == 4;

    public bool IsArchive => IsOfResource && !IsInstance && Name is "archive" or "media";

    /// <summary>Whether the route answers with an image, and so says 404, 415 or redirects instead of failing.</summary>
    public bool IsImage => IsOfFrame
        ? Name is "preview" or "rendered" or "image-uint8" or "image-uint16" or "image-int16"
        : IsInstance && IsOfResource && Name == "preview";

    /// <summary>The path of something else of the same resource.</summary>
    public string Sibling(string tail) => $"/{Level}/{Id}/{tail}";

    private string Component(int index) => index < _components.Length ? _components[index] : "";
}

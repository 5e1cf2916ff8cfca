namespace OrthancCachePlugin.Core.Routing;

/// <summary>The one table of routes: registration, matching, documentation and tests come from here.</summary>
/// <remarks><c>frames</c> stands twice: the list, and what is below one frame. No Orthanc serves <c>raw</c>: the response is the origin's error. The
/// arguments were read from the REST handlers of Orthanc 1.10.1, 1.12.7 and 1.13.0 (OrthancRestResources, OrthancRestArchive). Codes are part of
/// stored keys: never change or reuse one; 40 is taken by the tags of a series (TagStore).</remarks>
public static class RouteTable
{
    private static readonly string[] TagFormats = ["simplify", "short", "full", "ignore-length"];
    private static readonly string[] Images =
    [
        "quality", "returnUnsupportedImage", "window-center", "window-width", "width", "height", "smooth", "compress", "rescale",
    ];

    private static readonly string[] ParentLevels = ["patients", "studies", "series"];

    /// <summary><c>/instances/{id}/tags</c>, of which all other tags are made.</summary>
    public static Route Tags { get; } = new(30, "tags", RouteKind.Content, BodyKind.Json, false, [.. TagFormats, "whole"]);

    // Arrays, since walking through an interface allocates.
    private static readonly Route[] OfParents =
    [
        new(1, "archive", RouteKind.Derived, BodyKind.Archive, false, ["transcode", "lossy-quality", "filename"]),
        new(2, "attachments", RouteKind.Volatile, BodyKind.Json, false, ["full"]),
        new(3, "instances-tags", RouteKind.Derived, BodyKind.Json, false, TagFormats),
        new(4, "media", RouteKind.Derived, BodyKind.Archive, false, ["transcode", "lossy-quality", "filename", "extended"]),
        new(5, "shared-tags", RouteKind.Derived, BodyKind.Json, false, TagFormats),
    ];

    private static readonly Route[] OfInstances =
    [
        new(20, "attachments", RouteKind.Volatile, BodyKind.Json, false, ["full"]),
        new(21, "file", RouteKind.Content, BodyKind.Binary, false, ["transcode", "lossy-quality", "filename"]),
        new(22, "frames", RouteKind.Content, BodyKind.Json, false, []),
        new(23, "frames", RouteKind.Content, BodyKind.Binary, true, Images),
        new(24, "header", RouteKind.Content, BodyKind.Json, false, ["simplify", "short", "full"]),
        new(25, "metadata", RouteKind.Volatile, BodyKind.Json, false, ["expand", "numeric"]),
        new(26, "pdf", RouteKind.Content, BodyKind.Binary, false, []),
        new(27, "preview", RouteKind.Content, BodyKind.Binary, false, Images),
        new(28, "raw", RouteKind.Content, BodyKind.Binary, false, []),
        new(29, "simplified-tags", RouteKind.Content, BodyKind.Json, false, ["ignore-length", "whole"]),
        Tags,
    ];

    public static IReadOnlyList<Route> Parents => OfParents;

    public static IReadOnlyList<Route> Instances => OfInstances;

    /// <summary>The regular expressions that Orthanc is given; they match what <see cref="TryMatch"/> matches, and no more.</summary>
    public static IReadOnlyList<string> RegularExpressions { get; } =
    [
        $"/(patients|studies|series)/([^/?]+)/({string.Join('|', Parents.Select(r => r.Name))})",
        $"/instances/([^/?]+)/({string.Join('|', Instances.Where(r => !r.HasTail).Select(r => r.Name))})",
        "/instances/([^/?]+)/frames/([^/?]+)/([^?]+)",
    ];

    /// <summary>The names by which routes are excluded: <c>studies/archive</c>, <c>instances/frames/{n}/*</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. from level in ParentLevels from route in OfParents select level + "/" + route.Name,
        .. from route in OfInstances select "instances/" + route.Name + (route.HasTail ? "/{n}/*" : ""),
    ];

    public static IReadOnlyList<string> Expressions(IReadOnlyCollection<string> excluded)
    {
        if (excluded.Count == 0)
        {
            return RegularExpressions;
        }

        var expressions = new List<string>();
        foreach (var level in (string[])[.. ParentLevels, "instances"])
        {
            var names = Names.Except(excluded).Where(n => n.StartsWith(level + "/", StringComparison.Ordinal) && !n.EndsWith('*'))
                .Select(n => n[(level.Length + 1)..]).ToArray();
            if (names.Length > 0)
            {
                expressions.Add($"/{level}/([^/?]+)/({string.Join('|', names)})");
            }
        }

        if (!excluded.Contains("instances/frames/{n}/*"))
        {
            expressions.Add(RegularExpressions[^1]);
        }

        return expressions;
    }

    /// <summary>Finds the row for a decoded path without trailing slash, as Orthanc passes it.</summary>
    public static bool TryMatch(ReadOnlySpan<byte> path, out RouteMatch match)
    {
        match = default;
        if (path.Length < 2 || path[0] != (byte)'/')
        {
            return false;
        }

        var rest = path[1..];
        if (!ResourceLevels.TryParse(TakeComponent(ref rest, out _), out var level))
        {
            return false;
        }

        var id = TakeComponent(ref rest, out _);
        var name = TakeComponent(ref rest, out var hasTail);
        foreach (var route in level == ResourceLevel.Instance ? OfInstances : OfParents)
        {
            if (!id.IsEmpty && name.SequenceEqual(route.NameBytes) && (route.HasTail ? IsBelowFrame(rest) : !hasTail))
            {
                match = new RouteMatch(route, level, id, rest);
                return true;
            }
        }

        return false;
    }

    private static bool IsBelowFrame(ReadOnlySpan<byte> tail) => tail.IndexOf((byte)'/') is > 0 and var slash && slash < tail.Length - 1;

    private static ReadOnlySpan<byte> TakeComponent(scoped ref ReadOnlySpan<byte> path, out bool isFollowed)
    {
        var slash = path.IndexOf((byte)'/');
        isFollowed = slash >= 0;
        var component = isFollowed ? path[..slash] : path;
        path = isFollowed ? path[(slash + 1)..] : default;
        return component;
    }
}

/// <summary>One row of the route table.</summary>
/// <param name="Code">Stable number, part of stored keys.</param>
/// <param name="HasTail">True where a sub-path follows, as in <c>frames/{n}/*</c>.</param>
/// <param name="Arguments">The query arguments that shape the response in any Orthanc from 1.10.0 to 1.13.0. A request with another one is left to
/// the origin.</param>
public sealed record Route(byte Code, string Name, RouteKind Kind, BodyKind Body, bool HasTail, IReadOnlyList<string> Arguments)
{
    /// <summary>Made of a decoded file in Orthanc's memory, which an overwrite by another server does not reach (seen with 1.10.1).</summary>
    public bool IsDecoded => Name is "frames" or "preview" or "pdf";

    private readonly byte[] _name = System.Text.Encoding.ASCII.GetBytes(Name);
    private readonly byte[][] _arguments = [.. Arguments.Select(System.Text.Encoding.ASCII.GetBytes)];

    public ReadOnlySpan<byte> NameBytes => _name;

    public bool Knows(ReadOnlySpan<byte> argument)
    {
        foreach (var known in _arguments)
        {
            if (argument.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }
}

public enum RouteKind : byte
{
    Content, // the DICOM file of one instance: good until the instance is overwritten

    Derived, // the DICOM files of all children: good until a child comes, goes or is overwritten

    Volatile, // attachments and metadata: good until anything at all is changed, for no version tells
}

/// <summary>What a route answers with, and so whether it is stored.</summary>
public enum BodyKind : byte
{
    Json, // JSON (or XML made of it): stored

    /// <summary>Images, frames, files: stored only with <c>CacheBinaries</c>.</summary>
    Binary,

    /// <summary>Archives: built anew each time with new time stamps, so never stored, and only with weak validators.</summary>
    Archive,
}

public readonly ref struct RouteMatch
{
    internal RouteMatch(Route route, ResourceLevel level, ReadOnlySpan<byte> id, ReadOnlySpan<byte> tail)
    {
        Route = route;
        Level = level;
        Id = id;
        Tail = tail;
    }

    public Route Route { get; }

    public ResourceLevel Level { get; }

    public ReadOnlySpan<byte> Id { get; } // the identifier as the client wrote it, perhaps of no valid form

    /// <summary>What follows the name of the route, as <c>0/preview</c> after <c>frames/</c>; empty for most.</summary>
    public ReadOnlySpan<byte> Tail { get; }
}

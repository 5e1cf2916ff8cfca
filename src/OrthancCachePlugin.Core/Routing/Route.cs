namespace OrthancCachePlugin.Core.Routing;

/// <summary>One row of the route table.</summary>
/// <param name="Code">Stable number, part of stored keys.</param>
/// <param name="Name">The path behind the identifier of the resource.</param>
/// <param name="Kind">What the response depends on.</param>
/// <param name="Body">What it answers with.</param>
/// <param name="HasTail">True where a sub-path follows, as in <c>frames/{n}/*</c>.</param>
/// <param name="Arguments">
/// The query arguments that shape the response in any Orthanc from 1.10.0 to 1.13.0. A request with another one is left to the origin.
/// </param>
public sealed record Route(byte Code, string Name, RouteKind Kind, BodyKind Body, bool HasTail, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// Made of the decoded file that Orthanc keeps in memory under the instance's identifier: it does not hear of an overwrite by
    /// another server on the same database (seen with 1.10.1 and PostgreSQL).
    /// </summary>
    public bool IsDecoded => Name is "frames" or "preview" or "pdf";

    private readonly byte[] _name = System.Text.Encoding.ASCII.GetBytes(Name);
    private readonly byte[][] _arguments = [.. Arguments.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>The name as it stands in a path.</summary>
    public ReadOnlySpan<byte> NameBytes => _name;

    /// <summary>Whether the origin's answer may depend on this query argument.</summary>
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

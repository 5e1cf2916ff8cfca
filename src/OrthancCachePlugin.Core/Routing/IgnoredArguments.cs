using System.Text;

namespace OrthancCachePlugin.Core.Routing;

/// <summary>
/// Query arguments that do not belong to a request: jQuery's <c>_</c> against caches, the <c>_method</c> that Orthanc's HTTP server has
/// already obeyed, and tokens of authorisation.
/// </summary>
public sealed class IgnoredArguments(IEnumerable<string> tokens)
{
    private readonly byte[][] _names = [.. tokens.Append("_").Append("_method").Distinct().Select(Encoding.UTF8.GetBytes)];

    /// <summary>Whether the argument is one of them.</summary>
    public bool Contains(ReadOnlySpan<byte> name)
    {
        foreach (var ignored in _names)
        {
            if (name.SequenceEqual(ignored))
            {
                return true;
            }
        }

        return false;
    }
}

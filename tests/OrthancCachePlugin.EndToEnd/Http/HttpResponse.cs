using System.Globalization;
using System.Text;

namespace OrthancCachePlugin.EndToEnd.Http;

/// <summary>One response as it came over the wire: nothing decoded, nothing followed, nothing left out.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Headers">All header lines in their order.</param>
/// <param name="Body">The body's bytes, without the chunk framing if there was one.</param>
public sealed record HttpResponse(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    /// <summary>The body as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    public string? ETag => this["ETag"];

    public DateTimeOffset? LastModified => Date("Last-Modified");

    /// <summary>The value of <c>Cache-Status</c>, or an empty string.</summary>
    public string CacheStatus => this["Cache-Status"] ?? "";

    /// <summary>True where the response says that it came from the cache (RFC 9211 section 2.1).</summary>
    public bool IsHit => CacheStatus.Split(';', StringSplitOptions.TrimEntries).Contains("hit");

    /// <summary>True where the response says that it was stored (RFC 9211 section 2.5).</summary>
    public bool IsStored => CacheStatus.Split(';', StringSplitOptions.TrimEntries).Contains("stored");

    /// <summary>The value of a header that may come once; null where it does not come.</summary>
    /// <exception cref="InvalidDataException">The header came more than once.</exception>
    public string? this[string name]
    {
        get
        {
            var values = All(name);
            return values.Count switch
            {
                0 => null,
                1 => values[0],
                _ => throw new InvalidDataException($"{name} came {values.Count} times: {string.Join(" | ", values)}"),
            };
        }
    }

    /// <summary>All values of a header.</summary>
    public IReadOnlyList<string> All(string name) =>
        [.. Headers.Where(h => string.Equals(h.Key, name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value)];

    /// <summary>A header as an HTTP date; null where it is absent.</summary>
    public DateTimeOffset? Date(string name) =>
        this[name] is { } value ? DateTimeOffset.ParseExact(value, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null;

    public override string ToString() => $"{Status}, {Body.Length} bytes, Cache-Status: {CacheStatus}";
}

using System.Text;
using System.Text.Json;

namespace OrthancCachePlugin.EndToEnd.Routes;

/// <summary>One request of <c>Data/requests.json</c>; the path has placeholders such as <c>{study}</c>.</summary>
internal sealed record ListedRequest(string Name, string Method, string Path, string? Body, Dictionary<string, string>? Headers)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNameCaseInsensitive = true };

    public static IReadOnlyList<ListedRequest> All { get; } =
        JsonSerializer.Deserialize<List<ListedRequest>>(File.ReadAllText(System.IO.Path.Combine(AppContext.BaseDirectory, "Data", "requests.json")), Options)!;

    /// <summary>What the request is about: the first word of its name.</summary>
    public string Topic => Name.Split('-')[0];

    public byte[]? Bytes => Body is null ? null : Encoding.UTF8.GetBytes(Body);

    public (string Name, string Value)[] HeaderPairs => [.. (Headers ?? []).Select(h => (h.Key, h.Value))];
}

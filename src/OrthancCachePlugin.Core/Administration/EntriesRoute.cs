using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Hashing;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Policy;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Versions;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>
/// <c>/plugins/response-cache/entries</c>: what is held of one resource, and removing it, or all. Removed bytes have left the disk
/// when the answer comes. Thread-safe.
/// </summary>
public sealed class EntriesRoute(
    IEntryStore store, IResourceVersions versions, ResourceTree tree, TimeProvider time, Action<ReadOnlyMemory<byte>>? forget = null)
{
    private const string Levels = "patients, studies, series or instances";

    /// <param name="request">What is asked.</param>
    /// <param name="path">What follows <c>/entries</c>, as <c>/studies/{id}</c>.</param>
    public AdminAnswer Answer(AdminRequest request, string path)
    {
        if (path.Length == 0)
        {
            return request.Method == HttpMethod.Delete ? RemoveAll() : AdminAnswer.MethodNotAllowed("DELETE");
        }

        var parts = path[1..].Split('/');
        if (parts.Length != 2)
        {
            return AdminAnswer.BadRequest($"entries are named entries/{{level}}/{{identifier}}, where the level is {Levels}");
        }

        if (!ResourceLevels.TryParse(Encoding.UTF8.GetBytes(parts[0]), out var level))
        {
            return AdminAnswer.BadRequest($"the level must be {Levels}");
        }

        if (!ResourceTree.TryParseId(parts[1], out var id))
        {
            return AdminAnswer.BadRequest("the identifier must be one of Orthanc's: five groups of eight hexadecimal digits in lower case");
        }

        var resource = new Resource(level, id);
        return request.Method switch
        {
            HttpMethod.Get => List(resource, parts[0]),
            HttpMethod.Delete => Remove(resource, parts[0]),
            _ => AdminAnswer.MethodNotAllowed("GET, DELETE"),
        };
    }

    private AdminAnswer RemoveAll()
    {
        var removed = Purge([]);
        return AdminAnswer.Json(JsonText.Write(writer => writer.WriteNumber("Removed", removed)));
    }

    /// <summary>What is held of a resource that is gone can still be removed: that is when it matters most.</summary>
    /// <summary>The disk first: what memory forgot before could be read from it again.</summary>
    private int Purge(byte[] prefix)
    {
        var removed = store.Remove(prefix);
        forget?.Invoke(prefix);
        return removed;
    }

    private AdminAnswer Remove(Resource resource, string level)
    {
        var removed = Purge(PrefixOf(resource).ToArray());
        return removed == 0 && !tree.Exists(resource)
            ? Unknown(level)
            : AdminAnswer.Json(JsonText.Write(writer => writer.WriteNumber("Removed", removed)));
    }

    private AdminAnswer List(Resource resource, string level)
    {
        var entries = store.List(PrefixOf(resource));
        if (entries.Count == 0 && !tree.Exists(resource))
        {
            return Unknown(level);
        }

        return AdminAnswer.Json(JsonText.Write(writer =>
        {
            writer.WriteString("Level", level);
            writer.WriteString("ID", resource.Id.ToString());
            writer.WriteNumber("Bytes", entries.Sum(e => (long)e.ValueSize));
            writer.WriteStartArray("Entries");
            foreach (var entry in entries.OrderByDescending(e => e.CreatedAt))
            {
                if (StoredRequest.TryRead(entry.Key.Span, out var request))
                {
                    Write(writer, entry, request);
                }
            }

            writer.WriteEndArray();
        }));
    }

    private void Write(Utf8JsonWriter writer, EntryInfo entry, StoredRequest request)
    {
        writer.WriteStartObject();
        writer.WriteString("Route", request.Text);
        writer.WriteString("Accept", request.Accept);
        writer.WriteNumber("StoredBytes", entry.ValueSize);
        WriteValue(writer, entry);
        StatusReport.WriteTime(writer, "Created", entry.CreatedAt);
        writer.WriteNumber("AgeSeconds", Math.Max(0, (time.GetUtcNow().ToUnixTimeMilliseconds() - entry.CreatedAt) / 1000));
        writer.WriteString("ETag", TagOf(entry.Key.Span, request.Route.Body == BodyKind.Archive));
        writer.WritePropertyName("Current");
        if (IsCurrent(request) is { } isCurrent)
        {
            writer.WriteBooleanValue(isCurrent);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteEndObject();
    }

    /// <summary>What only the value knows.</summary>
    private void WriteValue(Utf8JsonWriter writer, EntryInfo entry)
    {
        if (!store.TryRead(entry.Key.Span, out var lease))
        {
            return; // gone meanwhile
        }

        using (lease)
        {
            if (StoredAnswer.TryRead(lease.Value, out var answer))
            {
                writer.WriteNumber("Bytes", answer.DecodedSize);
                writer.WriteString("ContentType", answer.ContentType[..^1]);
                writer.WriteNumber("CostMilliseconds", answer.CostMicroseconds / 1000.0);
                StatusReport.WriteTime(writer, "LastModified", answer.LastModified * 1000);
            }
        }
    }

    /// <summary>Whether it would be served now; null where only the next request will tell.</summary>
    private bool? IsCurrent(StoredRequest request)
    {
        if (request.Route.Kind == RouteKind.Volatile)
        {
            return null;
        }

        var version = versions.Get(request.Resource, request.Route.Kind, request.Route.Body);
        return version.IsKnown && version.Digest == request.Version;
    }

    /// <summary>The tag of the answer as it is, uncompressed.</summary>
    private static string TagOf(ReadOnlySpan<byte> key, bool isWeak)
    {
        Span<byte> text = stackalloc byte[AnswerHeaders.MaximumTagSize];
        var length = AnswerHeaders.WriteTag(new Validators { Tag = Digest128.Of(key), IsWeak = isWeak }, text);
        return Encoding.ASCII.GetString(text[..(length - 1)]);
    }

    private static byte[] PrefixOf(Resource resource)
    {
        var prefix = new byte[RequestKey.ResourcePrefixSize];
        RequestKey.WriteResource(resource, prefix);
        return prefix;
    }

    private static AdminAnswer Unknown(string level) => AdminAnswer.NotFound($"there is no such resource among the {level}, and nothing is held of it");
}

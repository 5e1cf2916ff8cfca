using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Administration;

/// <summary><c>/plugins/response-cache/entries</c>: lists what is cached of a resource; removes it with everything below it, or everything. Removed
/// bytes have left the disk when the response is sent. Thread-safe.</summary>
public sealed class EntriesRoute(
    IEntryStore store, EntryRemover remover, ResourceVersions versions, OrthancApi api, TimeProvider time)
{
    private const int RetryRecovering = 1; // in seconds
    private const int RetryDisabled = 5;
    private const string Levels = "patients, studies, series or instances";

    public AdminResponse Respond(AdminRequest request, string path)
    {
        if (path.Length == 0)
        {
            return request.Method != HttpMethod.Delete ? AdminResponse.MethodNotAllowed("DELETE")
                : IsNotOpen(request.Method, out var notOpen) ? notOpen
                : RemoveAll();
        }

        var parts = path[1..].Split('/');
        if (parts.Length != 2)
        {
            return AdminResponse.BadRequest($"entries are named entries/{{level}}/{{identifier}}, where the level is {Levels}");
        }

        if (!ResourceLevels.TryParse(Encoding.UTF8.GetBytes(parts[0]), out var level))
        {
            return AdminResponse.BadRequest($"the level must be {Levels}");
        }

        if (!OrthancApi.TryParseId(parts[1], out var id))
        {
            return AdminResponse.BadRequest("the identifier must be one of Orthanc's: five groups of eight hexadecimal digits in lower case");
        }

        if (request.Method is not (HttpMethod.Get or HttpMethod.Delete))
        {
            return AdminResponse.MethodNotAllowed("GET, DELETE");
        }

        var resource = new Resource(level, id);
        return IsNotOpen(request.Method, out var unavailable) ? unavailable
            : request.Method == HttpMethod.Get ? List(resource, parts[0])
            : Remove(resource, parts[0]);
    }

    private AdminResponse RemoveAll() => Removed(remover.RemoveAll(), resources: null);

    private AdminResponse Remove(Resource resource, string level) =>
        remover.RemoveWithChildren(resource, out var resources) is { } removed ? Removed(removed, resources) : NotFound(level);

    /// <summary>A success only if nothing can come back.</summary>
    private AdminResponse Removed(int removed, int? resources)
    {
        var status = store.GetStatus();
        return status.State == StoreState.Working
            ? AdminResponse.Json(JsonText.Write(writer =>
            {
                writer.WriteNumber("Removed", removed);
                if (resources is { } count)
                {
                    writer.WriteNumber("Resources", count);
                }
            }))
            : AdminResponse.Unavailable(
                $"the disk cache does not work ({status.Reason}): nothing of it is used, and all of it is removed before any is used again", RetryDisabled);
    }

    private AdminResponse NotFound(string level) => store.GetStatus().State == StoreState.Working ? Unknown(level) : Removed(0, null);

    private bool IsNotOpen(HttpMethod method, out AdminResponse response)
    {
        var status = store.GetStatus();
        response = status.State == StoreState.Recovering
            ? AdminResponse.Unavailable("the disk cache is being opened; nothing was done", RetryRecovering)
            : AdminResponse.Unavailable($"the disk cache does not work ({status.Reason})", RetryDisabled);

        // A disabled store accepts removals: it begins empty where it cannot carry them out.
        return status.State == StoreState.Recovering || (status.State == StoreState.Disabled && method == HttpMethod.Get);
    }

    private AdminResponse List(Resource resource, string level)
    {
        var entries = store.List(PrefixOf(resource));
        if (entries.Count == 0 && !api.Exists(resource))
        {
            return Unknown(level);
        }

        return AdminResponse.Json(JsonText.Write(writer =>
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

    private void WriteValue(Utf8JsonWriter writer, EntryInfo entry)
    {
        if (!store.TryRead(entry.Key.Span, out var lease))
        {
            return; // removed meanwhile
        }

        using (lease)
        {
            if (StoredResponse.TryRead(lease.Value, out var response))
            {
                writer.WriteNumber("Bytes", response.DecodedSize);
                writer.WriteString("ContentType", response.ContentType[..^1]);
                writer.WriteNumber("CostMilliseconds", response.CostMicroseconds / 1000.0);
                StatusReport.WriteTime(writer, "LastModified", response.LastModified * 1000);
            }
        }
    }

    /// <summary>Whether it would be served now; null where that needs the body.</summary>
    private bool? IsCurrent(StoredRequest request)
    {
        if (request.Route.Kind == RouteKind.Volatile)
        {
            return null;
        }

        var version = versions.Get(request.Resource, request.Route.Kind, request.Route.Body);
        return version.IsKnown && version.Digest == request.Version;
    }

    /// <summary>Of the uncompressed response.</summary>
    private static string TagOf(ReadOnlySpan<byte> key, bool isWeak)
    {
        Span<byte> text = stackalloc byte[ResponseHeaders.MaximumTagSize];
        var length = ResponseHeaders.WriteTag(new Validators { Tag = Digest128.Of(key), IsWeak = isWeak }, text);
        return Encoding.ASCII.GetString(text[..(length - 1)]);
    }

    private static byte[] PrefixOf(Resource resource)
    {
        var prefix = new byte[RequestKey.ResourcePrefixSize];
        RequestKey.WriteResource(resource, prefix);
        return prefix;
    }

    private static AdminResponse Unknown(string level) => AdminResponse.NotFound($"there is no such resource among the {level}, and nothing of it is cached");
}

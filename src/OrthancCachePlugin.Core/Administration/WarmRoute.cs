using System.Text.Json;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Core.Administration;

/// <summary><c>POST /plugins/response-cache/warm</c>: a warm-up as a job of Orthanc. <c>Synchronous</c>, <c>Asynchronous</c> (the default) and
/// <c>Priority</c> mean what they mean elsewhere in Orthanc. Thread-safe.</summary>
public sealed class WarmRoute(WarmUpJobs jobs, OrthancApi api, IJobsEngine engine)
{
    private static readonly TimeSpan StateInterval = TimeSpan.FromMilliseconds(500);

    public AdminResponse Respond(AdminRequest request)
    {
        if (request.Method != HttpMethod.Post)
        {
            return AdminResponse.MethodNotAllowed("POST");
        }

        try
        {
            var reader = new Utf8JsonReader(request.Body.Span);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? Respond(root)
                : AdminResponse.BadRequest("the body must be a JSON object");
        }
        catch (JsonException)
        {
            return AdminResponse.BadRequest("the body must be a JSON object with \"Resources\" or \"All\"");
        }
    }

    private AdminResponse Respond(JsonElement root)
    {
        foreach (var member in root.EnumerateObject())
        {
            if (member.Name is not ("Resources" or "All" or "Synchronous" or "Asynchronous" or "Priority"))
            {
                return AdminResponse.BadRequest("the body takes \"Resources\" or \"All\", \"Synchronous\" or \"Asynchronous\", and \"Priority\"");
            }
        }

        if (!TryFlag(root, "All", false, out var isAll)
            || !TryFlag(root, "Asynchronous", true, out var isAsynchronous)
            || !TryFlag(root, "Synchronous", !isAsynchronous, out var isSynchronous))
        {
            return AdminResponse.BadRequest("\"All\", \"Synchronous\" and \"Asynchronous\" must be true or false");
        }

        var priority = 0;
        if (root.TryGetProperty("Priority", out var number)
            && (number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out priority)))
        {
            return AdminResponse.BadRequest("\"Priority\" must be a whole number");
        }

        if (isAll == root.TryGetProperty("Resources", out var list))
        {
            return AdminResponse.BadRequest("the body must have either \"Resources\" or \"All\": true");
        }

        if (isAll)
        {
            return Run(jobs.ForAll(), priority, isSynchronous);
        }

        return TryRead(list, out var resources) is { } error
            ? error
            : Run(jobs.ForResources(resources), priority, isSynchronous);
    }

    private AdminResponse Run(WarmUpJob job, int priority, bool isSynchronous)
    {
        if (engine.Submit(job, priority) is not { } id)
        {
            return AdminResponse.Error(503, "Service Unavailable", "Orthanc did not take the job");
        }

        return isSynchronous
            ? Wait(job, id)
            : AdminResponse.Json(JsonText.Write(writer =>
            {
                writer.WriteString("ID", id);
                writer.WriteString("Path", $"/jobs/{id}");
            }));
    }

    /// <summary>As Orthanc does: until it has succeeded or failed, through pauses.</summary>
    private AdminResponse Wait(WarmUpJob job, string id)
    {
        while (!jobs.IsStopping)
        {
            jobs.WaitForEnd(job, StateInterval);
            if (job.HasSucceeded)
            {
                return AdminResponse.Json(job.GetContent());
            }

            // Orthanc does not tell a job that was canceled before it ran, and forgets jobs beyond its history.
            if (job.HasEnded || !api.TryGetJobState(id, out var state) || state == "Failure")
            {
                return AdminResponse.Error(500, "Internal Server Error", "the job was canceled or has failed; see /jobs");
            }
        }

        return AdminResponse.Error(503, "Service Unavailable", "Orthanc is stopping");
    }

    /// <summary>A list, or one alone: a button of Orthanc Explorer 2 for one study cannot send a list.</summary>
    private AdminResponse? TryRead(JsonElement value, out IReadOnlyList<Resource> resources)
    {
        resources = [];
        JsonElement[] list = value.ValueKind switch
        {
            JsonValueKind.Array => [.. value.EnumerateArray()],
            JsonValueKind.String => [value],
            _ => [],
        };
        if (list.Length is 0 or > WarmUpJobs.MaximumResources)
        {
            return AdminResponse.BadRequest($"\"Resources\" must be an identifier of Orthanc, or a list of 1 to {WarmUpJobs.MaximumResources}");
        }

        var found = new List<Resource>(list.Length);
        foreach (var item in list)
        {
            if (item.ValueKind != JsonValueKind.String || !OrthancApi.TryParseId(item.GetString()!, out var id))
            {
                return AdminResponse.BadRequest($"number {found.Count + 1} of \"Resources\" is not an identifier of Orthanc");
            }

            if (!api.TryFind(id, out var resource))
            {
                return AdminResponse.NotFound($"number {found.Count + 1} of \"Resources\" does not exist");
            }

            found.Add(resource);
        }

        resources = [.. new HashSet<Resource>(found)];
        return null;
    }

    private static bool TryFlag(JsonElement root, string name, bool fallback, out bool value)
    {
        value = fallback;
        if (!root.TryGetProperty(name, out var member))
        {
            return true;
        }

        value = member.ValueKind == JsonValueKind.True;
        return member.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }
}

public interface IJobsEngine
{
    /// <summary>The job's identifier, or null where the engine did not take it.</summary>
    string? Submit(WarmUpJob job, int priority);
}

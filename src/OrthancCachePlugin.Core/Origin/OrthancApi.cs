using System.Globalization;
using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.WarmUp.Jobs;

namespace OrthancCachePlugin.Core.Origin;

/// <summary>
/// The few questions about state that versions are made of, asked of the origin's REST API. Thread-safe; a failure of any cause is
/// "not known".
/// </summary>
public sealed class OrthancApi
{
    private readonly IOrigin _origin;
    private long _calls;

    public OrthancApi(IOrigin origin) => _origin = origin;

    /// <summary>How many questions were asked since the start; a hit in a quiet server adds none.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary><c>LastUpdate</c> of a patient, study or series: when a child came or was overwritten, in whole seconds of UTC.</summary>
    public bool TryGetLastUpdate(Resource resource, out long unixSeconds)
    {
        unixSeconds = 0;
        using var response = Ask(resource, "/metadata/LastUpdate"u8);
        return response.IsSuccess && TryParseIsoTime(response.Body, out unixSeconds);
    }

    /// <summary>The counts and the bytes of DICOM below a resource. What only concerns attachments of users is left out.</summary>
    public bool TryGetStatistics(Resource resource, out Digest128 digest)
    {
        digest = default;
        using var response = Ask(resource, "/statistics"u8);
        return response.IsSuccess && TryDigestStatistics(response.Body, out digest);
    }

    /// <summary>
    /// What identifies the DICOM file of an instance: the description of its attachment (the route came with Orthanc 1.10.0). Besides
    /// sizes and MD5 it has the name of the file in the storage, which is new for each file that is stored: a file that comes back
    /// after another one is not taken for the first, and where Orthanc computes no MD5 the name tells alone.
    /// </summary>
    public bool TryGetContent(ResourceId instance, out Digest128 digest)
    {
        using var info = Ask(new Resource(ResourceLevel.Instance, instance), "/attachments/dicom/info"u8);
        var isKnown = info.IsSuccess && !info.Body.IsEmpty;
        digest = isKnown ? Digest128.Of(info.Body) : default;
        return isKnown;
    }

    /// <summary>
    /// The state of the whole database: number of the last change, and counts and bytes of everything. Two calls of about 50 µs that
    /// show any addition, overwrite and deletion, whoever made it. The statistics first: deletions show there alone, so with no change
    /// logged after them, both are of that moment.
    /// </summary>
    public bool TryGetGlobal(out Digest128 digest)
    {
        digest = default;
        using var statistics = AskPath("/statistics\0"u8);
        using var changes = AskPath("/changes?last\0"u8);
        if (!changes.IsSuccess || !statistics.IsSuccess)
        {
            return false;
        }

        digest = Digest128.Of([.. changes.Body, 0, .. statistics.Body]);
        return true;
    }

    /// <summary>
    /// The names that folders of an archive are made of, for a reconstruction can change them without a trace elsewhere. They are
    /// those of the patient, the study and the series themselves; the copy of the patient's in a study may differ.
    /// </summary>
    public bool TryGetNames(Resource resource, out Digest128 digest)
    {
        var text = new List<byte>();
        var known = AddNames(text, resource, ""u8);
        known &= resource.Level switch
        {
            ResourceLevel.Patient => AddNames(text, resource, "/studies"u8) && AddNames(text, resource, "/series"u8),
            ResourceLevel.Study => AddNames(text, resource, "/patient"u8) && AddNames(text, resource, "/series"u8),
            ResourceLevel.Series => AddNames(text, resource, "/patient"u8) && AddNames(text, resource, "/study"u8),
            _ => false,
        };
        digest = Digest128.Of(text.ToArray());
        return known;
    }

    /// <summary>Adds the binary identifiers of all instances below a resource, series by series.</summary>
    public bool TryGetInstances(Resource resource, ChildSet.Builder instances) => resource.Level switch
    {
        ResourceLevel.Patient => Descend(resource, "Studies", ResourceLevel.Study, instances),
        ResourceLevel.Study => Descend(resource, "Series", ResourceLevel.Series, instances),
        ResourceLevel.Series => Descend(resource, "Instances", ResourceLevel.Instance, instances),
        _ => false,
    };

    /// <summary>How texts are read whose character set a DICOM file does not name.</summary>
    public bool TryGetDefaultEncoding(out Digest128 digest)
    {
        using var response = AskPath("/tools/default-encoding\0"u8);
        digest = response.IsSuccess ? Digest128.Of(response.Body) : default;
        return response.IsSuccess && !response.Body.IsEmpty;
    }

    /// <summary>The plugins that are loaded beside us, and their versions: one may decode images, or know more tags.</summary>
    public bool TryGetPlugins(out Digest128 digest)
    {
        digest = default;
        using var response = AskPath("/plugins\0"u8);
        if (!response.IsSuccess)
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(response.Body.ToArray());
            var names = document.RootElement.EnumerateArray().Select(n => n.GetString() ?? "").Order(StringComparer.Ordinal);
            foreach (var name in names.Where(n => n is not ("explorer.js" or "response-cache")))
            {
                using var plugin = AskPath(Encoding.UTF8.GetBytes($"/plugins/{name}\0"));
                if (!plugin.IsSuccess)
                {
                    return false;
                }

                using var described = JsonDocument.Parse(plugin.Body.ToArray());
                var version = described.RootElement.TryGetProperty("Version", out var text) ? text.GetRawText() : "";
                digest = Digest128.Combine(digest, Digest128.Of(Encoding.UTF8.GetBytes($"{name} {version}")));
            }

            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The jobs that run or wait to run, as they are after a restart of the server; not our own, which change nothing.</summary>
    public bool TryGetRunningJobs(ICollection<Digest128> jobs)
    {
        using var response = AskPath("/jobs?expand\0"u8);
        if (!response.IsSuccess)
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(response.Body.ToArray());
            foreach (var job in document.RootElement.EnumerateArray())
            {
                if (job.GetProperty("State").GetString() is "Running" or "Pending" or "Retry"
                    && !(job.TryGetProperty("Type", out var type) && type.ValueEquals(WarmUpJob.Type)))
                {
                    jobs.Add(Digest128.Of(Encoding.UTF8.GetBytes(job.GetProperty("ID").GetString()!)));
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The state of a job as the origin names it, as <c>Running</c>.</summary>
    public bool TryGetJobState(string job, out string state)
    {
        state = "";
        using var response = AskPath(Encoding.ASCII.GetBytes($"/jobs/{job}\0"));
        if (!response.IsSuccess)
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(response.Body.ToArray());
            state = document.RootElement.GetProperty("State").GetString() ?? "";
            return true;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    private bool Descend(Resource resource, string member, ResourceLevel childLevel, ChildSet.Builder instances)
    {
        using var response = Ask(resource, ""u8);
        if (!response.IsSuccess)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(response.Body);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals(member))
                {
                    continue;
                }

                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (reader.TokenType == JsonTokenType.String
                        && (!ResourceId.TryParse(reader.ValueSpan, out var id)
                            || (childLevel == ResourceLevel.Instance
                                ? !instances.TryAdd(id)
                                : !TryGetInstances(new Resource(childLevel, id), instances))))
                    {
                        return false;
                    }
                }

                return true;
            }
        }
        catch (JsonException)
        {
        }

        return false;
    }

    private bool AddNames(List<byte> text, Resource resource, ReadOnlySpan<byte> what)
    {
        using var response = Ask(resource, what);
        if (!response.IsSuccess)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(response.Body);
            while (reader.Read())
            {
                // "MainDicomTags", "PatientMainDicomTags": everything else here (IsStable, LastUpdate) names no folder.
                if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueSpan.EndsWith("MainDicomTags"u8))
                {
                    reader.Read();
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    text.AddRange(response.Body[start..(int)reader.BytesConsumed]);
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return true;
    }

    private OriginResponse Ask(Resource resource, ReadOnlySpan<byte> what)
    {
        Span<byte> path = stackalloc byte[128];
        var level = ResourceLevels.PathOf(resource.Level);
        path[0] = (byte)'/';
        level.CopyTo(path[1..]);
        var length = 1 + level.Length;
        path[length++] = (byte)'/';
        resource.Id.Format(path[length..]);
        length += ResourceId.TextLength;
        what.CopyTo(path[length..]);
        length += what.Length;
        path[length] = 0;
        return AskPath(path[..(length + 1)]);
    }

    private OriginResponse AskPath(ReadOnlySpan<byte> zeroTerminated)
    {
        Interlocked.Increment(ref _calls);
        return _origin.Get(zeroTerminated[..^1]);
    }

    private static bool TryParseIsoTime(ReadOnlySpan<byte> text, out long unixSeconds)
    {
        var parsed = DateTimeOffset.TryParseExact(
            Encoding.ASCII.GetString(text.Length > 32 ? default : text),
            "yyyyMMdd'T'HHmmss",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time);
        unixSeconds = parsed ? time.ToUnixTimeSeconds() : 0;
        return parsed;
    }

    private static bool TryDigestStatistics(ReadOnlySpan<byte> json, out Digest128 digest)
    {
        digest = default;
        var text = new List<byte>(128);
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                var counts = reader.ValueSpan.StartsWith("Count"u8)
                    || reader.ValueTextEquals("DicomDiskSize"u8)
                    || reader.ValueTextEquals("DicomUncompressedSize"u8);
                reader.Read();
                if (counts)
                {
                    text.AddRange(reader.ValueSpan);
                    text.Add((byte)';');
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        digest = Digest128.Of(text.ToArray());
        return text.Count > 0;
    }
}

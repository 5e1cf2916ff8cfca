using System.Globalization;
using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Origin;

/// <summary>
/// Every question to Orthanc's REST API: what versions are made of, which resources there are, what jobs do. Thread-safe. A failure of any
/// cause is "not known". Tags leave this class as digests only.
/// </summary>
public sealed class OrthancApi(IOrigin origin)
{
    private long _calls;

    private delegate void TokenVisitor(ref Utf8JsonReader reader);

    /// <summary>Questions since the start; a hit in a quiet server adds none.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    public static bool TryParseId(string text, out ResourceId id)
    {
        id = default;
        return text.Length == ResourceId.TextLength && ResourceId.TryParse(Encoding.UTF8.GetBytes(text), out id);
    }

    // --- versions ---

    /// <summary><c>LastUpdate</c> of a patient, study or series: when a child came or was overwritten, in whole seconds of UTC.</summary>
    public bool TryGetLastUpdate(Resource resource, out long unixSeconds)
    {
        using var response = Ask(resource, "/metadata/LastUpdate"u8);
        var text = response.IsSuccess && response.Body.Length <= 32 ? Encoding.ASCII.GetString(response.Body) : "";
        var isKnown = DateTimeOffset.TryParseExact(
            text, "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        unixSeconds = isKnown ? time.ToUnixTimeSeconds() : 0;
        return isKnown;
    }

    /// <summary>The counts and the bytes of DICOM below a resource, without attachments of users.</summary>
    public bool TryGetStatistics(Resource resource, out Digest128 digest)
    {
        using var response = Ask(resource, "/statistics"u8);
        var text = new List<byte>(128);
        var isKnown = TryVisit(response, (ref Utf8JsonReader reader) =>
        {
            if (reader.TokenType == JsonTokenType.PropertyName
                && (reader.ValueSpan.StartsWith("Count"u8) || reader.ValueTextEquals("DicomDiskSize"u8) || reader.ValueTextEquals("DicomUncompressedSize"u8)))
            {
                reader.Read();
                text.AddRange(reader.ValueSpan);
                text.Add((byte)';');
            }
        });
        return Digest(isKnown && text.Count > 0, text, out digest);
    }

    /// <summary>
    /// Identifies the DICOM file of an instance by the <c>Uuid</c> of its attachment (since 1.10.0), which is new for each file that is
    /// stored: the same file stored again is another one. Series list it as <c>FileUuid</c>.
    /// </summary>
    public bool TryGetContent(ResourceId instance, out Digest128 digest)
    {
        using var info = Ask(new Resource(ResourceLevel.Instance, instance), "/attachments/dicom/info"u8);
        Digest128? file = null;
        var isKnown = TryVisit(info, (ref Utf8JsonReader reader) =>
        {
            if (IsMember(ref reader, "Uuid") && reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                file = Digest128.Of(reader.ValueSpan);
            }
        });
        digest = file ?? (isKnown ? Digest128.Of(info.Body) : default);
        return isKnown && !info.Body.IsEmpty;
    }

    /// <summary>
    /// The state of the whole database: number of the last change, counts and bytes of everything. Shows any addition, overwrite and
    /// deletion, whoever made it. Statistics first: deletions show there alone.
    /// </summary>
    public bool TryGetGlobal(out Digest128 digest)
    {
        using var statistics = Ask("/statistics\0"u8);
        using var changes = Ask("/changes?last\0"u8);
        return Digest(changes.IsSuccess && statistics.IsSuccess, [.. changes.Body, 0, .. statistics.Body], out digest);
    }

    /// <summary>
    /// The names that folders of an archive are made of: a reconstruction changes them without a trace elsewhere. Patient, study and series
    /// are asked themselves, as the copy of the patient's name in a study may differ.
    /// </summary>
    public bool TryGetNames(Resource resource, out Digest128 digest)
    {
        var text = new List<byte>();
        var isKnown = AddNames(text, resource, ""u8) && resource.Level switch
        {
            ResourceLevel.Patient => AddNames(text, resource, "/studies"u8) && AddNames(text, resource, "/series"u8),
            ResourceLevel.Study => AddNames(text, resource, "/patient"u8) && AddNames(text, resource, "/series"u8),
            ResourceLevel.Series => AddNames(text, resource, "/patient"u8) && AddNames(text, resource, "/study"u8),
            _ => false,
        };
        return Digest(isKnown, text, out digest);
    }

    /// <summary>How texts are read whose character set a DICOM file does not name.</summary>
    public bool TryGetDefaultEncoding(out Digest128 digest)
    {
        using var response = Ask("/tools/default-encoding\0"u8);
        return DigestBody(response, out digest);
    }

    /// <summary>The plugins beside us and their versions: one may decode images, or know more tags.</summary>
    public bool TryGetPlugins(out Digest128 digest)
    {
        using var response = Ask("/plugins\0"u8);
        var names = new List<string>();
        var text = new StringBuilder();
        var isKnown = TryRead(response, root =>
        {
            names.AddRange(root.EnumerateArray().Select(n => n.GetString() ?? "").Order(StringComparer.Ordinal));
            return true;
        });
        foreach (var name in names.Where(n => n is not ("explorer.js" or "response-cache")))
        {
            using var plugin = Ask(Encoding.UTF8.GetBytes($"/plugins/{name}\0"));
            isKnown &= TryRead(plugin, root =>
            {
                text.Append(name).Append(' ').Append(root.TryGetProperty("Version", out var version) ? version.GetRawText() : "").Append('\n');
                return true;
            });
        }

        return Digest(isKnown, Encoding.UTF8.GetBytes(text.ToString()), out digest);
    }

    // --- resources ---

    /// <summary>Whether Orthanc knows the resource at this level.</summary>
    public bool Exists(Resource resource)
    {
        using var response = Ask(resource, "/metadata"u8);
        return response.IsSuccess;
    }

    /// <summary>
    /// Whether Orthanc answers anything at all. Saved jobs begin before it does and may run on while it stops: what it does not know then
    /// means nothing.
    /// </summary>
    public bool HasResponded()
    {
        using var response = Ask("/system\0"u8);
        return response.IsSuccess;
    }

    /// <summary>Finds the level of an identifier; studies first, as people name those most.</summary>
    public bool TryFind(ResourceId id, out Resource resource)
    {
        foreach (var level in (ReadOnlySpan<ResourceLevel>)[ResourceLevel.Study, ResourceLevel.Series, ResourceLevel.Patient, ResourceLevel.Instance])
        {
            resource = new Resource(level, id);
            if (Exists(resource))
            {
                return true;
            }
        }

        resource = default;
        return false;
    }

    /// <summary>The resource and what is below it down to its series, the smallest first.</summary>
    public IReadOnlyList<Resource> WithChildren(Resource resource) => resource.Level switch
    {
        ResourceLevel.Patient => [.. Children(resource).SelectMany(WithChildren), resource],
        ResourceLevel.Study => [.. Children(resource), resource],
        _ => [resource],
    };

    /// <summary>Adds everything below a resource, down to its instances.</summary>
    /// <returns>False where there is more than the maximum.</returns>
    public bool AddBelow(Resource resource, ICollection<Resource> found, int maximum)
    {
        foreach (var child in Children(resource))
        {
            if (found.Count >= maximum)
            {
                return false;
            }

            found.Add(child);
            if (!AddBelow(child, found, maximum))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Passes on all instances below a resource, series by series, until one is not taken.</summary>
    public bool TryGetInstances(Resource resource, Func<ResourceId, bool> take)
    {
        if (!TryGetChildren(resource, out var children))
        {
            return false;
        }

        var isInstance = resource.Level == ResourceLevel.Series;
        return children.TrueForAll(child => isInstance ? take(child.Id) : TryGetInstances(child, take));
    }

    public Resource? PatientOf(Resource study)
    {
        using var response = Ask(study, ""u8);
        Resource? patient = null;
        var isKnown = TryVisit(response, (ref Utf8JsonReader reader) =>
        {
            if (IsMember(ref reader, "ParentPatient") && reader.Read() && ResourceId.TryParse(reader.ValueSpan, out var id))
            {
                patient = new Resource(ResourceLevel.Patient, id);
            }
        });
        return isKnown ? patient : null;
    }

    /// <summary>All studies in no particular order.</summary>
    public IReadOnlyList<ResourceId> Studies()
    {
        using var response = Ask("/studies\0"u8);
        return TryReadResources(response, member: null, ResourceLevel.Study, out var studies) ? studies.ConvertAll(s => s.Id) : [];
    }

    // --- jobs ---

    /// <summary>The jobs that run or wait to run, except those of one type.</summary>
    public bool TryGetRunningJobs(ICollection<Digest128> jobs, string exceptType)
    {
        using var response = Ask("/jobs?expand\0"u8);
        return TryRead(response, root =>
        {
            foreach (var job in root.EnumerateArray())
            {
                if (job.GetProperty("State").GetString() is "Running" or "Pending" or "Retry"
                    && !(job.TryGetProperty("Type", out var type) && type.ValueEquals(exceptType)))
                {
                    jobs.Add(Digest128.Of(Encoding.UTF8.GetBytes(job.GetProperty("ID").GetString()!)));
                }
            }

            return true;
        });
    }

    /// <summary>The state of a job as Orthanc names it, as <c>Running</c>.</summary>
    public bool TryGetJobState(string job, out string state)
    {
        using var response = Ask(Encoding.ASCII.GetBytes($"/jobs/{job}\0"));
        var text = "";
        var isKnown = TryRead(response, root => (text = root.GetProperty("State").GetString() ?? "").Length > 0);
        state = text;
        return isKnown;
    }

    // --- asking and reading ---

    private List<Resource> Children(Resource resource) => TryGetChildren(resource, out var children) ? children : [];

    private bool TryGetChildren(Resource resource, out List<Resource> children)
    {
        var (member, level) = resource.Level switch
        {
            ResourceLevel.Patient => ("Studies", ResourceLevel.Study),
            ResourceLevel.Study => ("Series", ResourceLevel.Series),
            _ => ("Instances", ResourceLevel.Instance),
        };
        children = [];
        if (resource.Level == ResourceLevel.Instance)
        {
            return false;
        }

        using var response = Ask(resource, ""u8);
        return TryReadResources(response, member, level, out children);
    }

    /// <summary>Reads a list of identifiers: a member of the object, or the whole document.</summary>
    private static bool TryReadResources(OriginResponse response, string? member, ResourceLevel level, out List<Resource> resources)
    {
        var found = new List<Resource>();
        var isFound = false;
        var isValid = true;
        resources = found;
        return TryVisit(response, (ref Utf8JsonReader reader) =>
        {
            if (member is null ? reader.CurrentDepth != 0 : !IsMember(ref reader, member) || !reader.Read())
            {
                return;
            }

            isFound |= reader.TokenType == JsonTokenType.StartArray;
            while (reader.TokenType != JsonTokenType.EndArray && reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                isValid &= ResourceId.TryParse(reader.ValueSpan, out var id);
                found.Add(new Resource(level, id));
            }

            isValid &= reader.TokenType == JsonTokenType.EndArray;
        }) && isFound && isValid;
    }

    private bool AddNames(List<byte> text, Resource resource, ReadOnlySpan<byte> what)
    {
        using var response = Ask(resource, what);
        return TryVisit(response, (ref Utf8JsonReader reader) =>
        {
            // "MainDicomTags" and "PatientMainDicomTags"; nothing else here names a folder.
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueSpan.EndsWith("MainDicomTags"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                text.AddRange(response.Body[start..(int)reader.BytesConsumed]);
            }
        });
    }

    private static bool IsMember(ref Utf8JsonReader reader, string name) =>
        reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals(name);

    private static bool DigestBody(OriginResponse response, out Digest128 digest)
    {
        var isKnown = response.IsSuccess && !response.Body.IsEmpty;
        digest = isKnown ? Digest128.Of(response.Body) : default;
        return isKnown;
    }

    private static bool Digest(bool isKnown, IReadOnlyCollection<byte> text, out Digest128 digest)
    {
        digest = isKnown ? Digest128.Of([.. text]) : default;
        return isKnown;
    }

    private static bool TryVisit(OriginResponse response, TokenVisitor visit)
    {
        if (!response.IsSuccess)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(response.Body);
            while (reader.Read())
            {
                visit(ref reader);
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool TryRead(OriginResponse response, Func<JsonElement, bool> read)
    {
        if (!response.IsSuccess)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(response.Body);
            using var document = JsonDocument.ParseValue(ref reader);
            return read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
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
        return Ask(path[..(length + 1)]);
    }

    private OriginResponse Ask(ReadOnlySpan<byte> zeroTerminated)
    {
        Interlocked.Increment(ref _calls);
        return origin.Get(zeroTerminated[..^1]);
    }
}

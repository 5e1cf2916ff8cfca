using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Archives;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Serving;

/// <content>Archives that are sent while they are read.</content>
public sealed partial class ResponseCache
{
    private bool IsStreamed(Route route) => _archives is not null && route.Name == "archive";

    /// <summary>Sends an archive with the validators of the version that was current before it was read, where that still is.</summary>
    /// <returns>False where nothing was sent.</returns>
    private bool TryStream(in CacheRequest request, SettingsState settings, SettingsState ofArchives, in RequestVersion before)
    {
        using var archive = _archives!.TryOpen(request.Resource, FileQuery(request.Exchange), isBare: false);
        if (archive is null)
        {
            return false;
        }

        var isStale = _versions.IsStale(request, before.Version.Digest);
        Count(request, isStale);
        var version = _versions.Confirm(request, before, OriginResponse.NotFound, ofArchives.Since.Seconds);
        var isTrusted = version.IsKnown && version.IsSettled && ofArchives.IsKnown && _settings.IsStill(settings) && _archives.Generation.TryBegin();
        var isWhole = false;
        try
        {
            var key = request.Key.WithVersion(ofArchives.Fingerprint, version.Digest);
            var now = Now;
            var validators = isTrusted ? ValidatorsOf(request, key, ofArchives, version, now) : default;
            if (TryRespondNotModifiedNow(request, validators, now))
            {
                return isWhole = true;
            }

            _headers.Add(request.Exchange, now / PerSecond, validators, CacheStatus.Of(request, isStale, isTrusted, isStored: false, default));
            isWhole = TrySend(request.Exchange, archive, FileName(request.Exchange, request.Resource));
            if (isWhole && isTrusted && archive.IsSound)
            {
                _versions.Succeeded(request, version);
            }

            return request.Exchange.HasResponded;
        }
        finally
        {
            if (isTrusted)
            {
                _archives.Generation.End(isBroken: !isWhole || !archive.IsSound);
            }
        }
    }

    /// <summary>Sends an archive that is nobody's to keep.</summary>
    private bool TryStream(IExchange exchange, Resource resource, string query, string name, bool isBare, ReadOnlySpan<byte> status)
    {
        using var archive = _archives!.TryOpen(resource, query, isBare);
        if (archive is null)
        {
            return false;
        }

        if (!status.IsEmpty)
        {
            _headers.Add(exchange, Now / PerSecond, default, status);
        }

        _ = TrySend(exchange, archive, name);
        return exchange.HasResponded;
    }

    /// <summary>Whether the client has the whole archive, or has left before.</summary>
    private bool TrySend(IExchange exchange, ArchiveStream archive, string name)
    {
        exchange.AddHeader("Content-Disposition\0"u8, Encoding.Latin1.GetBytes($"filename=\"{name}\"\0"));
        using var body = exchange.BeginBody("application/zip\0"u8);
        if (body is null)
        {
            return true;
        }

        try
        {
            if (archive.TryWrite(body, _archives!.Now))
            {
                return true;
            }
        }
        catch (IOException)
        {
            return true; // the client has left
        }

        exchange.BreakOffBody();
        return false;
    }

    /// <summary>
    /// <c>POST</c> of an archive: what is asked for at once is streamed, a job is Orthanc's, and so is all that is not plain.
    /// </summary>
    private bool TryStreamPost(IExchange exchange, in RouteMatch match)
    {
        if (!ResourceId.TryParse(match.Id, out var id) || exchange.Body.IsEmpty)
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(exchange.Body.ToArray());
            var query = "";
            var name = id + ".zip";
            foreach (var member in document.RootElement.EnumerateObject())
            {
                switch (member.Name)
                {
                    case "Synchronous" when member.Value.ValueKind == JsonValueKind.True:
                    case "Asynchronous" when member.Value.ValueKind == JsonValueKind.False:
                    case "Priority" when member.Value.ValueKind == JsonValueKind.Number:
                        break;
                    case "Transcode" when member.Value.ValueKind == JsonValueKind.String:
                        query = Add(query, "transcode", member.Value.GetString()!);
                        break;
                    case "LossyQuality" when member.Value.TryGetUInt32(out var quality):
                        query = Add(query, "lossy-quality", quality.ToString(System.Globalization.CultureInfo.InvariantCulture));
                        break;
                    case "Filename" when member.Value.ValueKind == JsonValueKind.String:
                        name = Sanitized(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(member.Value.GetString()!)));
                        break;
                    default:
                        return false;
                }
            }

            return TryStream(exchange, new Resource(match.Level, id), query, name, isBare: true, default);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>How each file is asked for: the arguments that the two routes share.</summary>
    private static string FileQuery(IExchange exchange)
    {
        var query = "";
        for (var i = 0; i < exchange.ArgumentCount; i++)
        {
            if (exchange.ArgumentName(i) is var name && (name.SequenceEqual("transcode"u8) || name.SequenceEqual("lossy-quality"u8)))
            {
                query = Add(query, Encoding.ASCII.GetString(name), Encoding.UTF8.GetString(exchange.ArgumentValue(i)));
            }
        }

        return query;
    }

    private static string Add(string query, string name, string value) => $"{query}{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}";

    private static string FileName(IExchange exchange, Resource resource)
    {
        for (var i = 0; i < exchange.ArgumentCount; i++)
        {
            if (exchange.ArgumentName(i).SequenceEqual("filename"u8))
            {
                return Sanitized(Encoding.Latin1.GetString(exchange.ArgumentValue(i)));
            }
        }

        return resource.Id + ".zip";
    }

    /// <summary>Nothing that ends the text or the header.</summary>
    private static string Sanitized(string name) => string.Concat(name.Where(c => c is not ('"' or '\r' or '\n' or '\0')));
}

using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Tags;

/// <summary>Why the origin is asked for tags that would be derived else.</summary>
public enum NotDerived
{
    /// <summary>An argument that only the origin understands.</summary>
    Argument,

    Xml,

    /// <summary>A child has no complete tags of its own.</summary>
    Unreadable,

    /// <summary>A text or a name that only the origin can write.</summary>
    Text,

    /// <summary>The identifier is not of the level in the path, or the children changed on the way.</summary>
    Changed,

    /// <summary>Another request for the same series took too long.</summary>
    Busy,

    /// <summary>No memory within the budget.</summary>
    Memory,

    /// <summary>A response that was derived is not what the origin made of the same files.</summary>
    SwitchedOff,
}

/// <summary>Runs work on threads with room on the stack for what the origin does, several times at once, and waits for all.</summary>
public delegate void RunOnThreads(int count, Action work);

/// <summary>A text of the origin, and its media type.</summary>
public sealed record FullTags(byte[] Text, byte[] ContentType);

/// <summary>Finds the full tags of an instance among the stored responses; null where there are none.</summary>
public delegate FullTags? FindFullTags(ResourceId instance, Digest128 fingerprint, Digest128 file);

/// <summary>A request for tags.</summary>
public readonly ref struct TagsRequest
{
    public required IExchange Exchange { get; init; }

    public required Route Route { get; init; }

    public required Resource Resource { get; init; }

    /// <summary>Of what shapes responses beside the resource.</summary>
    public required Digest128 Fingerprint { get; init; }

    /// <summary>Of an instance: its file. Null where its version is not known.</summary>
    public required Digest128? File { get; init; }
}

/// <summary>
/// Makes every response about tags out of the full tags of each instance, which the origin parses once: byte for byte what it would send.
/// What cannot be made is left to the origin, and counted. Thread-safe.
/// </summary>
/// <remarks>
/// The texts of a series are stored together. A file that is stored in Orthanc has an identifier of its own for ever, so a text that was made
/// of it stays right; whether the files are still those of the series is asked whenever its version has moved.
/// </remarks>
public sealed class DerivedTags : IDisposable
{
    /// <summary>Bytes of tags and responses of all requests together.</summary>
    private const long MaximumMemory = 256L << 20;

    /// <summary>Bytes of the series that were used last: the next request is likely to ask for them in another format.</summary>
    private const long MaximumRecent = 96L << 20;

    /// <summary>Bytes of a response that is kept as long as the tags that it was made of.</summary>
    private const int MaximumKept = 16 << 20;

    /// <summary>Texts that are fetched before they are packed.</summary>
    private const int Batch = 256;

    /// <summary>Below this, further threads cost more than they save.</summary>
    private const int WorthThreads = 8;

    private const int MaximumThreads = 4;
    private const int MaximumRefused = 4096;
    private static readonly TimeSpan RecentFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RefusedFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RefusedForMemory = TimeSpan.FromMinutes(10);

    [ThreadStatic]
    private static TagText? _text;

    private readonly IOrigin _origin;
    private readonly ResourceVersions _versions;
    private readonly MemoryBudget _memory = new(MaximumMemory);
    private readonly TagStore _store;
    private readonly RunOnThreads _threads;
    private readonly TimeSpan _maximumWait;
    private readonly TimeProvider _time;
    private readonly RecentTags _recent;

    /// <summary>Who makes something of a series has its turn until it is known whether that was right, so that the next one need not parse again.</summary>
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 1024).Select(_ => new SemaphoreSlim(1))];
    private readonly Dictionary<ResourceId, (Digest128? Version, long Until, NotDerived Reason)> _refused = [];
    private readonly long[] _notDerived = new long[Enum.GetValues<NotDerived>().Length];
    private long _parsed;
    private long _derived;
    private volatile bool _isOff;

    public DerivedTags(IOrigin origin, ResourceVersions versions, IEntryStore store, ICompressor compressor, RunOnThreads threads, TimeProvider time, TimeSpan? maximumWait = null)
    {
        _maximumWait = maximumWait ?? TimeSpan.FromSeconds(10);
        _origin = origin;
        _versions = versions;
        _store = new TagStore(store, compressor, _memory, time);
        _threads = threads;
        _time = time;
        _recent = new RecentTags(MaximumRecent, RecentFor, time);
    }

    /// <summary>Full tags that the origin was asked for.</summary>
    public long Parsed => Interlocked.Read(ref _parsed);

    /// <summary>Responses that were made here.</summary>
    public long Derived => Interlocked.Read(ref _derived);

    /// <summary>Bytes of memory in use, those of the series that were used last among them.</summary>
    public long MemoryBytes => _memory.Used;

    /// <summary>Whether all is left to the origin.</summary>
    public bool IsOff
    {
        get => _isOff;
        set => _isOff = value;
    }

    private static TagText Text => _text ??= new TagText();

    public long CountOf(NotDerived reason) => Interlocked.Read(ref _notDerived[(int)reason]);

    /// <summary>Whether a route is one of those that can be derived.</summary>
    public static bool IsDerivable(Route route) => route.Name is "tags" or "simplified-tags" or "instances-tags" or "shared-tags";

    /// <summary>The response, which the caller owns; null where the origin is to be asked.</summary>
    /// <param name="request">A request for one of the derivable routes.</param>
    /// <param name="find">Finds texts of instances that were asked for alone.</param>
    public DerivedResponse? TryMake(in TagsRequest request, FindFullTags find)
    {
        if (!TryReadFormat(request, out var format, out var reason) || IsOff)
        {
            Interlocked.Increment(ref _notDerived[(int)(IsOff ? NotDerived.SwitchedOff : reason)]);
            return null;
        }

        try
        {
            var response = request.Resource.Level == ResourceLevel.Instance ? MakeOfInstance(request, format, find) : MakeOfChildren(request, format, find);
            Interlocked.Add(ref _derived, response is null ? 0 : 1);
            return response;
        }
        catch (NotDerivedException refused)
        {
            Interlocked.Increment(ref _notDerived[(int)refused.Reason]);
            return null;
        }
        catch (Exception failure) when (failure is KeyNotFoundException or InvalidOperationException and not ObjectDisposedException)
        {
            Interlocked.Increment(ref _notDerived[(int)NotDerived.Changed]); // a question was answered in a form that we do not know
            return null;
        }
    }

    /// <summary>The same of nothing that is known: of what the origin says now.</summary>
    /// <exception cref="NotDerivedException">It cannot be made.</exception>
    /// <remarks>On a thread with a large stack.</remarks>
    internal DerivedResponse MakeAnew(Resource resource, Route route, TagFormat format)
    {
        if (resource.Level == ResourceLevel.Instance)
        {
            using var full = AskFullTags(_origin, resource.Id);
            return Write(full.Body, format, full.ContentType.ToArray(), isParsed: true, wasAsked: true);
        }

        var all = new List<(SeriesTags Tags, Digest128? Version)>();
        try
        {
            foreach (var series in SeriesOf(_origin, resource))
            {
                all.Add((Read(_origin, series, default, _store.Removals.Position, known: null, (_, _, _) => null, isAlone: true), null));
            }

            return new DerivedResponse(Make(all, route.Name == "shared-tags", format), all[0].Tags.ContentType) { Format = format };
        }
        finally
        {
            all.ForEach(s => s.Tags.Dispose());
        }
    }

    /// <summary>
    /// A response belongs to one version and to the settings that it was asked under: what was read for it is kept for the next, and stored.
    /// Before, it may hold texts of two moments, which no later request must see.
    /// </summary>
    public void Confirm(DerivedResponse response)
    {
        foreach (var (tags, version) in response.Series)
        {
            if (version is { } known && !_store.WasRemoved(tags))
            {
                var isNew = tags.Version != version || !tags.IsStored;
                tags.Version = version;
                tags.IsStored = !isNew || _store.Write(tags, known);
                _recent.Add(tags);
            }
        }

        response.EndTurns();
    }

    /// <summary>A response does not belong to one version: the next request makes its own.</summary>
    public static void GiveUp(DerivedResponse response) => response.EndTurns();

    /// <summary>Removes from memory what belongs to resources.</summary>
    public void Forget(KeyPrefixes keys) => _recent.Forget(keys);

    /// <inheritdoc/>
    public void Dispose()
    {
        _recent.Dispose();
    }

    /// <summary>The presence of an argument counts, not its value; the simplest format wins.</summary>
    private static bool TryReadFormat(in TagsRequest request, out TagFormat format, out NotDerived reason)
    {
        format = request.Route.Name == "simplified-tags" ? TagFormat.Simplified : TagFormat.Full;
        reason = NotDerived.Argument;
        for (var i = 0; i < request.Exchange.ArgumentCount; i++)
        {
            var name = request.Exchange.ArgumentName(i);
            if (name.SequenceEqual("ignore-length"u8) || name.SequenceEqual("whole"u8))
            {
                return false;
            }

            if (name.SequenceEqual("simplify"u8))
            {
                format = TagFormat.Simplified;
            }
            else if (name.SequenceEqual("short"u8) && format == TagFormat.Full)
            {
                format = TagFormat.Short;
            }
        }

        reason = NotDerived.Xml;
        return !request.Exchange.TryGetHeader(RequestHeader.Accept, out var accept) || !RequestKey.MentionsXml(accept);
    }

    // --- one instance ---

    private DerivedResponse? MakeOfInstance(in TagsRequest request, TagFormat format, FindFullTags find)
    {
        if (request.File is not { } file)
        {
            return null;
        }

        var instance = request.Resource.Id;
        if (_recent.TryFind(instance, request.Fingerprint, file, out var series, out var chunk, out var document))
        {
            using (series)
            {
                return Write(chunk.TextOf(document), format, series.ContentType, isParsed: false, wasAsked: false);
            }
        }

        if (format == TagFormat.Full)
        {
            return null; // the origin parses it once either way
        }

        if (find(instance, request.Fingerprint, file) is { } cached)
        {
            return Write(cached.Text, format, cached.ContentType, isParsed: false, wasAsked: false);
        }

        var full = AskFullTags(new ExchangeOrigin(request.Exchange), instance);
        try
        {
            var response = Write(full.Body, format, full.ContentType.ToArray(), isParsed: true, wasAsked: true);
            response.Full = full;
            full = null;
            return response;
        }
        finally
        {
            full?.Dispose();
        }
    }

    /// <summary>The full tags of an instance, which have been taken apart.</summary>
    private OriginResponse AskFullTags(IOrigin origin, ResourceId instance)
    {
        Interlocked.Increment(ref _parsed);
        var full = origin.Get(PathOf("instances", instance, "/tags").AsSpan(..^1));
        try
        {
            if (!IsJson(full) || !Text.TryParse(full.Body) || !FileCheck.HasAllTags(origin, instance, full.Body))
            {
                throw new NotDerivedException(NotDerived.Unreadable);
            }

            var taken = full;
            full = null;
            return taken;
        }
        finally
        {
            full?.Dispose();
        }
    }

    private DerivedResponse Write(ReadOnlySpan<byte> text, TagFormat format, byte[] contentType, bool isParsed, bool wasAsked)
    {
        var parsed = Text;
        if (format != TagFormat.Full && ((!isParsed && !parsed.TryParse(text)) || (format == TagFormat.Simplified && parsed.HasOddName)))
        {
            throw new NotDerivedException(NotDerived.Text);
        }

        var body = Rent(TagText.MaximumSize(text, depth: 0));
        try
        {
            return new DerivedResponse(new MadeText(body, parsed.Write(text, format, depth: 0, body.Span)), contentType) { WasAsked = wasAsked, Format = format };
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    // --- many instances ---

    private DerivedResponse MakeOfChildren(in TagsRequest request, TagFormat format, FindFullTags find)
    {
        ThrowIfRefused(request.Resource.Id, version: null);
        try
        {
            return MakeOfSeries(request, format, find);
        }
        catch (NotDerivedException refused) when (refused.Reason == NotDerived.Memory)
        {
            // Else each request would fetch as much as memory takes, and then ask the origin nevertheless.
            Refuse(request.Resource.Id, version: null, refused.Reason);
            throw;
        }
    }

    private DerivedResponse MakeOfSeries(in TagsRequest request, TagFormat format, FindFullTags find)
    {
        var origin = new ExchangeOrigin(request.Exchange);
        var series = SeriesOf(origin, request.Resource);
        var all = new List<(SeriesTags Tags, Digest128? Version)>();
        var turns = new List<SemaphoreSlim>();
        try
        {
            TakeTurns(series, turns);
            var wasAsked = false;
            foreach (var one in series)
            {
                var resource = new Resource(ResourceLevel.Series, one);
                var version = request.Resource == resource ? _versions.Get(resource, RouteKind.Derived, BodyKind.Json) : _versions.GetAnew(resource);
                all.Add(Get(request.Exchange, origin, one, version, request.Fingerprint, find, ref wasAsked));
            }

            var body = Make(all, request.Route.Name == "shared-tags", format);
            var response = new DerivedResponse(body, all[0].Tags.ContentType) { WasAsked = wasAsked, Format = format, Series = all, Turns = turns };
            all = null;
            return response;
        }
        finally
        {
            if (all is not null)
            {
                all.ForEach(s => s.Tags.Dispose());
                turns.ForEach(t => t.Release());
            }
        }
    }

    /// <summary>In an order that all keep, so that no two wait for each other.</summary>
    private void TakeTurns(List<ResourceId> series, List<SemaphoreSlim> taken)
    {
        var deadline = Deadline.After(_maximumWait);
        foreach (var index in series.Select(s => s.Word2 % (uint)_turns.Length).Distinct().Order())
        {
            if (!_turns[index].Wait(deadline.Rest))
            {
                throw new NotDerivedException(NotDerived.Busy);
            }

            taken.Add(_turns[index]);
        }
    }

    private static List<ResourceId> SeriesOf(IOrigin origin, Resource resource) => resource.Level switch
    {
        ResourceLevel.Series => [resource.Id],
        ResourceLevel.Study => Children(origin, "studies", resource.Id, "Study", "Series"),
        _ => [.. Children(origin, "patients", resource.Id, "Patient", "Studies").SelectMany(s => Children(origin, "studies", s, "Study", "Series"))],
    };

    private static List<ResourceId> Children(IOrigin origin, string level, ResourceId id, string type, string member)
    {
        using var document = Ask(origin, level, id, "");
        if (document.RootElement.ValueKind != JsonValueKind.Object || document.RootElement.GetProperty("Type").GetString() != type)
        {
            throw new NotDerivedException(NotDerived.Changed);
        }

        return [.. document.RootElement.GetProperty(member).EnumerateArray().Select(IdOf)];
    }

    /// <summary>All texts of a series, from memory, from the store, or from the origin.</summary>
    private (SeriesTags Tags, Digest128? Version) Get(
        IExchange exchange, IOrigin origin, ResourceId series, ResourceVersion current, Digest128 fingerprint, FindFullTags find, ref bool wasAsked)
    {
        var since = _store.Removals.Position;
        Digest128? version = current.IsKnown && current.IsSettled ? current.Digest : null;
        ThrowIfRefused(series, version);
        var known = _recent.Find(series, fingerprint) ?? _store.TryRead(series, fingerprint);
        try
        {
            if (known?.Version is not null && known.Version == version)
            {
                var found = known;
                known = null;
                return (found, version);
            }

            wasAsked = true;
            return (Read(origin, series, fingerprint, since, known, find, exchange.IsWarmUp), version);
        }
        catch (NotDerivedException refused) when (refused.Reason is NotDerived.Unreadable or NotDerived.Text)
        {
            Refuse(series, version, refused.Reason);
            throw;
        }
        finally
        {
            known?.Dispose();
        }
    }

    /// <summary>Asks which files the series has now, takes what is known of them, and fetches the rest.</summary>
    /// <param name="isAlone">Whether one thread is enough: clients come before a warm-up.</param>
    private SeriesTags Read(IOrigin origin, ResourceId series, Digest128 fingerprint, long since, SeriesTags? known, FindFullTags find, bool isAlone)
    {
        var files = Files(origin, series);
        using var chunks = new TagChunks(_memory);
        var contentType = known?.ContentType;
        if (known is not null)
        {
            TakeOver(known, files, chunks);
        }

        // What is taken over is no longer among the files. In the order of the identifiers, that of responses.
        var missing = files.OrderBy(f => f.Key, IdOrder.Instance).ToList();
        for (var start = 0; start < missing.Count; start += Batch)
        {
            var fetched = new Fetch(this, missing.GetRange(start, Math.Min(Batch, missing.Count - start)), fingerprint, find);
            using (fetched)
            {
                fetched.Run(isAlone);
                contentType ??= fetched.ContentType;
                fetched.AddTo(chunks);
            }
        }

        var all = chunks.Finish();
        return all.Length > 0
            ? new SeriesTags(series, fingerprint, contentType ?? "application/json"u8.ToArray(), all) { Since = since }
            : throw new NotDerivedException(NotDerived.Changed);
    }

    /// <summary>Takes whole chunks as they are, and single texts out of those that have lost some or have room for more.</summary>
    private static void TakeOver(SeriesTags known, Dictionary<ResourceId, Digest128> files, TagChunks chunks)
    {
        bool IsCurrent(TagDocument document) => files.TryGetValue(document.Instance, out var file) && file == document.File;

        var rest = new List<(TagChunk Chunk, TagDocument Document)>();
        var hasNew = files.Count > known.Chunks.Sum(c => c.Documents.Count(IsCurrent));
        foreach (var chunk in known.Chunks)
        {
            if (chunk.Documents.All(IsCurrent) && (!hasNew || chunk.Size >= TagChunk.FullSize / 2))
            {
                chunks.Add(chunk);
                foreach (var document in chunk.Documents)
                {
                    files.Remove(document.Instance);
                }
            }
            else
            {
                rest.AddRange(chunk.Documents.Where(IsCurrent).Select(d => (chunk, d)));
            }
        }

        foreach (var (chunk, document) in rest)
        {
            // A text may stand in two chunks where the store lost one and kept another.
            if (files.Remove(document.Instance) && !chunks.TryAdd(document.Instance, document.File, chunk.TextOf(document)))
            {
                throw new NotDerivedException(NotDerived.Memory);
            }
        }
    }

    /// <summary>The instances of a series, each with its file.</summary>
    private static Dictionary<ResourceId, Digest128> Files(IOrigin origin, ResourceId series)
    {
        using var list = Ask(origin, "series", series, "/instances");
        var files = new Dictionary<ResourceId, Digest128>();
        foreach (var instance in list.RootElement.EnumerateArray())
        {
            if (IdOf(instance.GetProperty("ParentSeries")) != series
                || !files.TryAdd(IdOf(instance.GetProperty("ID")), Digest128.Of(Encoding.UTF8.GetBytes(instance.GetProperty("FileUuid").GetString()!))))
            {
                throw new NotDerivedException(NotDerived.Changed);
            }
        }

        return files;
    }

    /// <summary>What was made of the same series a moment ago is taken as it is.</summary>
    private MadeText Make(List<(SeriesTags Tags, Digest128? Version)> all, bool isShared, TagFormat format)
    {
        var series = all.Select(s => s.Tags);
        if (all[0].Tags.FindMade(series, isShared, format) is { } found)
        {
            return found;
        }

        var made = !isShared ? Join(all, format) : format == TagFormat.Full ? Share(all) : Rewrite(Make(all, isShared, TagFormat.Full), format);
        if (made.Memory.Span.Length <= MaximumKept)
        {
            all[0].Tags.AddMade(series, isShared, format, made);
        }

        return made;
    }

    private MadeText Join(List<(SeriesTags Tags, Digest128? Version)> all, TagFormat format)
    {
        const int AroundEach = ResourceId.TextLength + 16;
        var documents = all
            .SelectMany(s => s.Tags.Chunks).SelectMany(c => c.Documents, (Chunk, Document) => (Chunk, Document))
            .OrderBy(d => d.Document.Instance, IdOrder.Instance).ToList();
        var size = 4 + documents.Sum(d => AroundEach + TagText.MaximumSize(d.Chunk.TextOf(d.Document), depth: 1));
        var parsed = Text;
        var body = Rent(size);
        try
        {
            var destination = body.Span;
            destination[0] = (byte)'{';
            var position = 1;
            for (var i = 0; i < documents.Count; i++)
            {
                var text = documents[i].Chunk.TextOf(documents[i].Document);
                if (format != TagFormat.Full && (!parsed.TryParse(text) || (format == TagFormat.Simplified && parsed.HasOddName)))
                {
                    throw new NotDerivedException(NotDerived.Text);
                }

                Put(i == 0 ? "\n   \""u8 : ",\n   \""u8, destination, ref position);
                documents[i].Document.Instance.Format(destination[position..]);
                position += ResourceId.TextLength;
                Put("\" : \n   "u8, destination, ref position);
                position += parsed.Write(text, format, depth: 1, destination[position..]);
            }

            Put("\n}"u8, destination, ref position);
            return new MadeText(body, position);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>In the full format, of which the others are made.</summary>
    private MadeText Share(List<(SeriesTags Tags, Digest128? Version)> all)
    {
        var parsed = Text;
        var shared = new SharedTagSet();
        var first = all[0].Tags.Chunks[0];
        var firstText = first.TextOf(first.Documents[0]);
        foreach (var chunk in all.SelectMany(s => s.Tags.Chunks))
        {
            foreach (var document in chunk.Documents)
            {
                var text = chunk.TextOf(document);
                if (!parsed.TryParse(text) || parsed.HasOddName)
                {
                    throw new NotDerivedException(NotDerived.Text);
                }

                shared.Add(firstText, text, parsed);
            }
        }

        var full = Rent(firstText.Length + 64);
        if (shared.TryWrite(firstText, full.Span, out var length))
        {
            return new MadeText(full, length);
        }

        full.Dispose();
        throw new NotDerivedException(NotDerived.Text);
    }

    /// <summary>Disposes of the full text.</summary>
    private MadeText Rewrite(MadeText full, TagFormat format)
    {
        using (full)
        {
            if (full.Length == "{}".Length)
            {
                return full.AddReference();
            }

            var parsed = Text;
            if (!parsed.TryParse(full.Span))
            {
                throw new NotDerivedException(NotDerived.Text);
            }

            var body = Rent(full.Length);
            try
            {
                return new MadeText(body, parsed.Write(full.Span, format, depth: 0, body.Span));
            }
            catch
            {
                body.Dispose();
                throw;
            }
        }
    }

    private static void Put(ReadOnlySpan<byte> bytes, Span<byte> destination, ref int position)
    {
        bytes.CopyTo(destination[position..]);
        position += bytes.Length;
    }

    // --- asking ---

    private SharedBuffer Rent(long size)
    {
        var buffer = SharedBuffer.TryRent(size, _memory);
        if (buffer is null)
        {
            _recent.Clear();
            buffer = SharedBuffer.TryRent(size, _memory);
        }

        return buffer ?? throw new NotDerivedException(NotDerived.Memory);
    }

    private static JsonDocument Ask(IOrigin origin, string level, ResourceId id, string what)
    {
        using var response = origin.Get(PathOf(level, id, what).AsSpan(..^1));
        try
        {
            return response.IsSuccess && response.IsReadable
                ? JsonDocument.Parse(response.Body.ToArray())
                : throw new NotDerivedException(NotDerived.Changed);
        }
        catch (JsonException)
        {
            throw new NotDerivedException(NotDerived.Changed);
        }
    }

    internal static byte[] PathOf(string level, ResourceId id, string what) => Encoding.ASCII.GetBytes($"/{level}/{id}{what}\0");

    private static ResourceId IdOf(JsonElement text) =>
        text.GetString() is { Length: ResourceId.TextLength } id && ResourceId.TryParse(Encoding.UTF8.GetBytes(id), out var parsed)
            ? parsed
            : throw new NotDerivedException(NotDerived.Changed);

    private static bool IsJson(OriginResponse response) => response.IsSuccess && response.IsReadable && response.ContentType.StartsWith("application/json"u8);

    private void ThrowIfRefused(ResourceId id, Digest128? version)
    {
        lock (_refused)
        {
            if (_refused.TryGetValue(id, out var refused) && (refused.Version is null || refused.Version == version) && _time.GetTimestampTicks() < refused.Until)
            {
                throw new NotDerivedException(refused.Reason);
            }
        }
    }

    /// <summary>A file that cannot be read, or a text that cannot be written, is not tried again for a while.</summary>
    private void Refuse(ResourceId id, Digest128? version, NotDerived reason)
    {
        lock (_refused)
        {
            if (_refused.Count >= MaximumRefused)
            {
                _refused.Clear();
            }

            _refused[id] = (version, _time.GetTimestampTicks() + (reason == NotDerived.Memory ? RefusedForMemory : RefusedFor).Ticks, reason);
        }
    }

    private sealed class IdOrder : IComparer<ResourceId>
    {
        public static IdOrder Instance { get; } = new();

        public int Compare(ResourceId x, ResourceId y) => (x.Word0, x.Word1, x.Word2).CompareTo((y.Word0, y.Word1, y.Word2));
    }

    /// <summary>Full tags of some instances, asked of the origin on several threads at once.</summary>
    private sealed class Fetch(DerivedTags owner, List<KeyValuePair<ResourceId, Digest128>> missing, Digest128 fingerprint, FindFullTags find) : IDisposable
    {
        private readonly OriginResponse?[] _responses = new OriginResponse?[missing.Count];
        private readonly FullTags?[] _found = new FullTags?[missing.Count];
        private int _next = -1;
        private volatile bool _hasFailed;

        public byte[]? ContentType =>
            _responses.FirstOrDefault(r => r is not null)?.ContentType.ToArray() ?? _found.FirstOrDefault(f => f is not null)?.ContentType;

        public void Run(bool isAlone)
        {
            for (var i = 0; i < missing.Count; i++)
            {
                _found[i] = find(missing[i].Key, fingerprint, missing[i].Value);
            }

            var count = _found.Count(f => f is null);
            if (count > 0)
            {
                owner._threads(isAlone || count < WorthThreads ? 1 : Math.Min(Environment.ProcessorCount, MaximumThreads), Work);
            }

            if (_hasFailed)
            {
                throw new NotDerivedException(NotDerived.Unreadable);
            }
        }

        public void AddTo(TagChunks chunks)
        {
            for (var i = 0; i < missing.Count; i++)
            {
                if (!chunks.TryAdd(missing[i].Key, missing[i].Value, _found[i] is { } found ? found.Text : _responses[i]!.Body))
                {
                    throw new NotDerivedException(NotDerived.Memory);
                }
            }
        }

        public void Dispose() => Array.ForEach(_responses, r => r?.Dispose());

        private void Work()
        {
            while (!_hasFailed && Interlocked.Increment(ref _next) is var index && index < missing.Count)
            {
                if (_found[index] is null && !TryFetch(index))
                {
                    _hasFailed = true;
                }
            }
        }

        private bool TryFetch(int index)
        {
            Interlocked.Increment(ref owner._parsed);
            var instance = missing[index].Key;
            var response = _responses[index] = owner._origin.Get(PathOf("instances", instance, "/tags").AsSpan(..^1));
            return IsJson(response) && Text.TryParse(response.Body) && FileCheck.HasAllTags(owner._origin, instance, response.Body);
        }
    }
}

/// <summary>A response that was made here.</summary>
public sealed class DerivedResponse : OriginResponse
{
    private readonly MadeText _body;
    private readonly byte[] _contentType;
    private List<SemaphoreSlim>? _turns;

    internal DerivedResponse(MadeText body, byte[] contentType)
    {
        _body = body;
        _contentType = contentType;
    }

    public override bool IsSuccess => true;

    public override ReadOnlySpan<byte> Body => _body.Span;

    public override ReadOnlySpan<byte> ContentType => _contentType;

    public override ReadOnlySpan<byte> ContentDisposition => default;

    public override ReadOnlySpan<byte> ContentEncoding => default;

    /// <summary>Whether the origin was asked for more than versions.</summary>
    public bool WasAsked { get; init; }

    public TagFormat Format { get; init; }

    /// <summary>Of how many instances.</summary>
    public int Count => Series.Count == 0 ? 1 : Series.Sum(s => s.Tags.Chunks.Sum(c => c.Documents.Count));

    /// <summary>The full tags of the instance, where they were asked for: to be stored as the response that they are. Owned.</summary>
    public OriginResponse? Full { get; set; }

    internal List<(SeriesTags Tags, Digest128? Version)> Series { get; init; } = [];

    /// <summary>Those that it has until it is confirmed or given up.</summary>
    internal List<SemaphoreSlim>? Turns { get => _turns; init => _turns = value; }

    internal void EndTurns() => Interlocked.Exchange(ref _turns, null)?.ForEach(t => t.Release());

    protected override void Dispose(bool disposing)
    {
        EndTurns();
        _body.Dispose();
        Full?.Dispose();
        Series.ForEach(s => s.Tags.Dispose());
    }
}

/// <summary>Ends the making of a response. Does not leave this namespace.</summary>
internal sealed class NotDerivedException(NotDerived reason) : Exception
{
    public NotDerived Reason => reason;
}

using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Tags;

/// <summary>The full tags of one instance, as a place in a <see cref="TagChunk"/>.</summary>
/// <param name="Instance">Its identifier.</param>
/// <param name="File">Digest of the <c>FileUuid</c> that the text was made of: new for each file that is stored, so it never means another text.</param>
/// <param name="Start">In bytes.</param>
/// <param name="Length">In bytes.</param>
internal readonly record struct TagDocument(ResourceId Instance, Digest128 File, int Start, int Length);

/// <summary>The full tags of some instances of a series: what is stored and decoded together. Immutable; references are counted.</summary>
internal sealed class TagChunk(SharedBuffer texts, TagDocument[] documents) : IDisposable
{
    /// <summary>Bytes of text from which on a chunk takes no more: one instance must not cost the decoding of all.</summary>
    public const int FullSize = 1 << 20;

    public IReadOnlyList<TagDocument> Documents => documents;

    public ReadOnlySpan<byte> Texts => texts.Span[..Size];

    public int Size { get; } = documents[^1].Start + documents[^1].Length;

    /// <summary>Of which instances and files it is.</summary>
    public Digest128 Digest { get; } = DigestOf(documents);

    /// <summary>Whether the store has it, as far as is known.</summary>
    public bool IsStored { get; set; }

    public ReadOnlySpan<byte> TextOf(in TagDocument document) => texts.Span.Slice(document.Start, document.Length);

    public TagChunk AddReference()
    {
        texts.AddReference();
        return this;
    }

    public void Dispose() => texts.Dispose();

    private static Digest128 DigestOf(TagDocument[] documents)
    {
        Span<byte> bytes = stackalloc byte[ResourceId.Size + Digest128.Size + sizeof(int)];
        Digest128 digest = default;
        foreach (var document in documents)
        {
            document.Instance.CopyTo(bytes);
            document.File.CopyTo(bytes[ResourceId.Size..]);
            BitConverter.TryWriteBytes(bytes[^sizeof(int)..], document.Length);
            digest = Digest128.Combine(digest, Digest128.Of(bytes));
        }

        return digest;
    }
}

/// <summary>The full tags of all instances of a series. References are counted; but for <see cref="Version"/> it does not change.</summary>
internal sealed class SeriesTags(ResourceId series, Digest128 fingerprint, byte[] contentType, TagChunk[] chunks) : IDisposable
{
    private readonly List<(SeriesTags[] Of, bool IsShared, TagFormat Format, MadeText? Made)> _made = [];
    private int _references = 1;
    private object? _version;

    public ResourceId Series => series;

    public Digest128 Fingerprint => fingerprint;

    public byte[] ContentType => contentType;

    public IReadOnlyList<TagChunk> Chunks => chunks;

    public long Size { get; } = chunks.Sum(c => (long)c.Size);

    /// <summary>The version of the series of which these are known to be all instances; null where that is not known.</summary>
    public Digest128? Version
    {
        get => (Digest128?)Volatile.Read(ref _version);
        set => Volatile.Write(ref _version, value);
    }

    /// <summary>Whether the store was given all of it under this version.</summary>
    public bool IsStored { get; set; }

    /// <summary>The position in the store's log of removals before anything of it was read.</summary>
    public long Since { get; init; }

    public bool TryFind(ResourceId instance, Digest128 file, out TagChunk chunk, out TagDocument document)
    {
        foreach (var candidate in chunks)
        {
            foreach (var found in candidate.Documents)
            {
                if (found.Instance == instance && found.File == file)
                {
                    (chunk, document) = (candidate, found);
                    return true;
                }
            }
        }

        (chunk, document) = (null!, default);
        return false;
    }

    /// <summary>What was made of these series, of which this is the first; the caller disposes of it. Of a study with one series, the same is asked
    /// for at each level.</summary>
    public MadeText? FindMade(IEnumerable<SeriesTags> of, bool isShared, TagFormat format)
    {
        lock (_made)
        {
            return _made.Find(m => m.IsShared == isShared && m.Format == format && m.Of.SequenceEqual(of)).Made?.AddReference();
        }
    }

    /// <summary>Keeps a text as long as the tags that it was made of. The caller's reference stays its own.</summary>
    public void AddMade(IEnumerable<SeriesTags> of, bool isShared, TagFormat format, MadeText made)
    {
        lock (_made)
        {
            _made.Add(([.. of], isShared, format, made.AddReference()));
        }
    }

    /// <summary>False where the last reference has just gone.</summary>
    public bool TryAddReference()
    {
        var references = Volatile.Read(ref _references);
        while (references > 0)
        {
            var seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
            {
                return true;
            }

            references = seen;
        }

        return false;
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Array.ForEach(chunks, c => c.Dispose());
            _made.ForEach(m => m.Made!.Dispose());
        }
    }
}

/// <summary>A response, in memory that may be larger. References are counted.</summary>
internal sealed record MadeText(SharedBuffer Memory, int Length) : IDisposable
{
    public ReadOnlySpan<byte> Span => Memory.Span[..Length];

    public MadeText AddReference()
    {
        Memory.AddReference();
        return this;
    }

    public void Dispose() => Memory.Dispose();
}

/// <summary>Puts texts together in chunks. Owns what it was given until <see cref="Finish"/>.</summary>
internal sealed class TagChunks(MemoryBudget memory) : IDisposable
{
    private readonly List<TagChunk> _chunks = [];
    private readonly List<TagDocument> _documents = [];
    private SharedBuffer? _current;
    private int _size;

    /// <summary>Takes a chunk as it is.</summary>
    public void Add(TagChunk chunk) => _chunks.Add(chunk.AddReference());

    /// <summary>Copies a text. False where there is no memory for it.</summary>
    public bool TryAdd(ResourceId instance, Digest128 file, ReadOnlySpan<byte> text)
    {
        if (_size + text.Length > _current?.Span.Length)
        {
            Close();
        }

        _current ??= SharedBuffer.TryRent(Math.Max(text.Length, TagChunk.FullSize), memory);
        if (_current is not { } current)
        {
            return false;
        }

        text.CopyTo(current.Span[_size..]);
        _documents.Add(new TagDocument(instance, file, _size, text.Length));
        _size += text.Length;
        return true;
    }

    public TagChunk[] Finish()
    {
        Close();
        TagChunk[] chunks = [.. _chunks];
        _chunks.Clear();
        return chunks;
    }

    public void Dispose()
    {
        _current?.Dispose();
        _chunks.ForEach(c => c.Dispose());
        _chunks.Clear();
    }

    private void Close()
    {
        if (_current is { } current && _documents.Count > 0)
        {
            if (_size <= TagChunk.FullSize / 2 && SharedBuffer.TryRent(_size, memory) is { } small)
            {
                current.Span[.._size].CopyTo(small.Span);
                current.Dispose();
                current = small;
            }

            _chunks.Add(new TagChunk(current, [.. _documents]));
            _documents.Clear();
            (_current, _size) = (null, 0);
        }
    }
}

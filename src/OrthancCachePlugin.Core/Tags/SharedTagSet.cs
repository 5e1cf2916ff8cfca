namespace OrthancCachePlugin.Core.Tags;

/// <summary>
/// The tags that all instances share: those at the top with a text, where each instance has an equal one. Fed with one instance after the
/// other. Used by one thread.
/// </summary>
internal sealed class SharedTagSet
{
    private readonly List<TopTag> _shared = [];
    private readonly List<TopTag> _next = [];
    private bool _hasFirst;
    private bool[] _isAmbiguous = [];

    /// <summary>Adds an instance.</summary>
    /// <param name="first">The text of the instance that was added first; the same one at first.</param>
    /// <param name="text">The text of this one.</param>
    /// <param name="parsed">That text, taken apart.</param>
    public void Add(ReadOnlySpan<byte> first, ReadOnlySpan<byte> text, TagText parsed)
    {
        if (!_hasFirst)
        {
            _hasFirst = true;
            parsed.ListTexts(_shared);
            _isAmbiguous = new bool[_shared.Count];
            return;
        }

        parsed.ListTexts(_next);
        var kept = 0;
        var i = 0;
        for (var candidate = 0; candidate < _shared.Count; candidate++)
        {
            var mine = _shared[candidate];
            while (i < _next.Count && text[_next[i].Key].SequenceCompareTo(first[mine.Key]) < 0)
            {
                i++;
            }

            if (i < _next.Count && text[_next[i].Key].SequenceEqual(first[mine.Key]) && text[_next[i].Value].SequenceEqual(first[mine.Value]))
            {
                _shared[kept] = mine;
                _isAmbiguous[kept++] = _isAmbiguous[candidate]
                    || !text[_next[i].Name].SequenceEqual(first[mine.Name]) || !text[_next[i].Creator].SequenceEqual(first[mine.Creator]);
            }
        }

        _shared.RemoveRange(kept, _shared.Count - kept);
    }

    /// <summary>
    /// Writes the tags in the full format. False where the origin alone can tell them: which instance a name is taken from is its affair, and
    /// texts that are no UTF-8 differ where what is written of them does not.
    /// </summary>
    public bool TryWrite(ReadOnlySpan<byte> first, Span<byte> destination, out int length)
    {
        length = 0;
        "{"u8.CopyTo(destination);
        length++;
        for (var i = 0; i < _shared.Count; i++)
        {
            if (_isAmbiguous[i] || TagText.HasReplacement(first[_shared[i].Value]))
            {
                return false;
            }

            ReadOnlySpan<byte> before = i == 0 ? "\n   "u8 : ",\n   "u8;
            before.CopyTo(destination[length..]);
            length += before.Length;
            first[_shared[i].Whole].CopyTo(destination[length..]);
            length += first[_shared[i].Whole].Length;
        }

        ReadOnlySpan<byte> end = _shared.Count == 0 ? "}"u8 : "\n}"u8;
        end.CopyTo(destination[length..]);
        length += end.Length;
        return true;
    }
}

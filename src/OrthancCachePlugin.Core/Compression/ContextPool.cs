namespace OrthancCachePlugin.Core.Compression;

/// <summary>Keeps a few native contexts for reuse; beyond that they are freed. A context is used by one thread at a time.</summary>
internal sealed class ContextPool(Func<nint> create, Action<nint> free, int capacity)
{
    private readonly nint[] _kept = new nint[capacity];

    /// <summary>Borrows a context; the caller gives it back.</summary>
    /// <exception cref="InvalidOperationException">None could be made.</exception>
    public nint Rent()
    {
        for (var i = 0; i < _kept.Length; i++)
        {
            if (Volatile.Read(ref _kept[i]) != 0)
            {
                var context = Interlocked.Exchange(ref _kept[i], 0);
                if (context != 0)
                {
                    return context;
                }
            }
        }

        var created = create();
        return created != 0 ? created : throw new InvalidOperationException("No memory for a zstd context.");
    }

    public void Return(nint context)
    {
        for (var i = 0; i < _kept.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _kept[i], context, 0) == 0)
            {
                return;
            }
        }

        free(context);
    }
}

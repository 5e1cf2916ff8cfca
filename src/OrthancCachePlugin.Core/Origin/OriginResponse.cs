namespace OrthancCachePlugin.Core.Origin;

/// <summary>
/// What the origin answered, in memory that may belong to the host. Counted references: whoever holds one disposes of it once; the
/// last one gives the memory back.
/// </summary>
public abstract class OriginResponse : IDisposable
{
    private int _references = 1;

    /// <summary>What the origin says to a path that names nothing which it serves.</summary>
    public static OriginResponse NotFound { get; } = new UnknownPath();

    /// <summary>True for a 200 that came through whole.</summary>
    public abstract bool IsSuccess { get; }

    /// <summary>False for a body that is too large to be looked at (above 2 GiB): it can be sent, and that is all.</summary>
    public virtual bool IsReadable => true;

    /// <summary>The body; empty where the request failed or the body is not readable.</summary>
    public abstract ReadOnlySpan<byte> Body { get; }

    /// <summary>Media type; empty where the origin named none.</summary>
    public abstract ReadOnlySpan<byte> ContentType { get; }

    /// <summary>The <c>Content-Disposition</c>; empty where there is none.</summary>
    public abstract ReadOnlySpan<byte> ContentDisposition { get; }

    /// <summary>The <c>Content-Encoding</c> that the origin itself chose (<c>raw.gz</c>); empty where there is none.</summary>
    public abstract ReadOnlySpan<byte> ContentEncoding { get; }

    /// <summary>The body of a success as a stream, of any size; good until the response is disposed of.</summary>
    public virtual Stream OpenBody() => new MemoryStream(Body.ToArray());

    /// <summary>How long the origin took, in microseconds.</summary>
    public long CostMicroseconds { get; set; }

    /// <summary>The position in the store's log of removals before the origin was asked.</summary>
    public long AskedAt { get; set; }

    /// <summary>Shares the response with one more holder.</summary>
    public void AddReference() => Interlocked.Increment(ref _references);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Dispose(disposing: true);
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Gives the memory back; called once.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Shared by all; nothing is ever given back.</summary>
    private sealed class UnknownPath : OriginResponse
    {
        public override bool IsSuccess => false;

        public override ReadOnlySpan<byte> Body => default;

        public override ReadOnlySpan<byte> ContentType => default;

        public override ReadOnlySpan<byte> ContentDisposition => default;

        public override ReadOnlySpan<byte> ContentEncoding => default;

        protected override void Dispose(bool disposing)
        {
        }
    }
}

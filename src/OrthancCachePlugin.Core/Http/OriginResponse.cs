namespace OrthancCachePlugin.Core.Http;

/// <summary>A response in memory that may belong to Orthanc. Reference-counted: each holder disposes of it once, the last one frees it.</summary>
public abstract class OriginResponse : IDisposable
{
    private int _references = 1;

    public static OriginResponse NotFound { get; } = new UnknownPath();

    public abstract bool IsSuccess { get; } // true for a 200 that came through whole

    public virtual bool IsReadable => true; // false for a body above 2 GiB, which can only be sent

    public abstract ReadOnlySpan<byte> Body { get; }

    public abstract ReadOnlySpan<byte> ContentType { get; }

    public abstract ReadOnlySpan<byte> ContentDisposition { get; }

    /// <summary>The coding that Orthanc itself chose (<c>raw.gz</c>).</summary>
    public abstract ReadOnlySpan<byte> ContentEncoding { get; }

    /// <summary>The body of a success, of any size; valid until the response is disposed of.</summary>
    public virtual Stream OpenBody() => new MemoryStream(Body.ToArray());

    public long CostMicroseconds { get; set; }

    public long AskedAt { get; set; } // the position in the store's removal log before Orthanc was asked

    public void AddReference() => Interlocked.Increment(ref _references);

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Dispose(disposing: true);
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Frees the memory; called once.</summary>
    protected abstract void Dispose(bool disposing);

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

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Lets operations in until it is closed, and then tells when the last of them has left: a log must not be disposed of in use.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class OperationGate : IDisposable
{
    private const long Closed = 1L << 62;

    private readonly ManualResetEventSlim empty = new(initialState: false);
    private long state;

    /// <summary>Enters; each success is followed by one <see cref="Exit"/>.</summary>
    public bool TryEnter()
    {
        if ((Interlocked.Increment(ref state) & Closed) == 0)
        {
            return true;
        }

        Exit();
        return false;
    }

    public void Exit()
    {
        if (Interlocked.Decrement(ref state) == Closed)
        {
            empty.Set();
        }
    }

    /// <summary>Lets nobody in any more and waits for those who are inside.</summary>
    /// <returns>False where somebody still is.</returns>
    public bool Close(TimeSpan timeout)
    {
        if ((Interlocked.Or(ref state, Closed) & ~Closed) == 0)
        {
            return true;
        }

        return empty.Wait(timeout) || (Interlocked.Read(ref state) & ~Closed) == 0;
    }

    /// <inheritdoc/>
    public void Dispose() => empty.Dispose();
}

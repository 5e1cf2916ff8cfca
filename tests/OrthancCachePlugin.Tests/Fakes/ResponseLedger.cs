namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>Counts responses that were handed out and not given back; a test ends at zero.</summary>
internal sealed class ResponseLedger
{
    private int _outstanding;

    public int Outstanding => Volatile.Read(ref _outstanding);

    public void Took() => Interlocked.Increment(ref _outstanding);

    public void GaveBack() => Interlocked.Decrement(ref _outstanding);
}

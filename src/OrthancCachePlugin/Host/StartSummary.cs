using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Host;

/// <summary>Says the one line of the start as soon as it can tell what the disk cache held already, or that it does not work.</summary>
internal sealed class StartSummary(IEntryStore store, Action<StoreStatus> say, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Longer than a recovery may take.</summary>
    private const int MaximumAttempts = 900;

    private readonly Lock _lock = new();
    private ITimer? _timer;
    private int _attempts;
    private bool _isOver;

    /// <summary>Orthanc has started.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                _timer ??= time.CreateTimer(_ => Try(), null, TimeSpan.Zero, Interval);
            }
        }
    }

    /// <summary>Nothing is said any more: no service may be called after Finalize.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            End();
        }
    }

    private void Try()
    {
        try
        {
            lock (_lock)
            {
                try
                {
                    var status = store.GetStatus();
                    if (!_isOver && (status.State != StoreState.Recovering || ++_attempts >= MaximumAttempts))
                    {
                        End();
                        say(status);
                    }
                }
                catch (Exception)
                {
                    End(); // a line less: what left the timer's thread would end the process
                }
            }
        }
        catch (Exception)
        {
            // nor may the lock itself
        }
    }

    private void End()
    {
        _isOver = true;
        _timer?.Dispose();
    }
}

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Runs what may never come back on a thread of its own.</summary>
internal static class Bounded
{
    /// <summary>Runs an action and waits for it.</summary>
    /// <returns>Null where it ended well; else what it threw, or a <see cref="TimeoutException"/> where it goes on without us.</returns>
    public static Exception? Run(string name, Action action, TimeSpan timeout)
    {
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                thrown = e;
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return thread.Join(timeout) ? thrown : new TimeoutException();
    }
}

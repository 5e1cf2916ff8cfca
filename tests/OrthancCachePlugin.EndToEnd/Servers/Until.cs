using System.Diagnostics;

namespace OrthancCachePlugin.EndToEnd.Servers;

/// <summary>
/// Waits for something that another process will do: asks again and again, and fails when it does not come. The limit is there to end a
/// broken run, not to measure anything.
/// </summary>
internal static class Until
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static void True(string what, Func<bool> condition) => Some(what, () => condition() ? "" : null);

    public static T Some<T>(string what, Func<T?> get)
        where T : class => Some(() => what, get);

    public static T Some<T>(Func<string> what, Func<T?> get)
        where T : class
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (get() is { } found)
            {
                return found;
            }

            if (Stopwatch.GetElapsedTime(started) > Limit)
            {
                throw new Xunit.Sdk.XunitException($"This did not happen: {what()}");
            }

            Thread.Sleep(20);
        }
    }
}

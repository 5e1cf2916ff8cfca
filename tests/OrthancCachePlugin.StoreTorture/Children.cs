using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>This program again, as another process.</summary>
public static class Children
{
    private const int MaximumLines = 60;

    /// <summary>The first lines of what the last child wrote to its log, or in its end.</summary>
    public static ConcurrentQueue<string> Said { get; } = new();

    /// <summary>Starts a child.</summary>
    /// <param name="log">Where to count the lines of its log by their number.</param>
    public static Process Start(ConcurrentDictionary<string, int>? log, params string[] arguments)
    {
        var own = typeof(Children).Assembly.GetName().Name;
        var self = Path.GetFileName(Environment.ProcessPath) is { } file && (file == own || file == own + ".exe") ? Environment.ProcessPath! : "dotnet";
        var start = new ProcessStartInfo(self) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (self == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, own + ".dll"));
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var child = Process.Start(start)!;
        Said.Clear();
        child.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null && Said.Count < MaximumLines)
            {
                Said.Enqueue(line.Data);
            }

            if (line.Data?.IndexOf('[', StringComparison.Ordinal) is { } at and >= 0 && line.Data.IndexOf(']', StringComparison.Ordinal) is var end && end > at)
            {
                log?.AddOrUpdate(line.Data[(at + 1)..end], 1, static (_, count) => count + 1);
            }
        };
        child.BeginErrorReadLine();
        return child;
    }

    /// <summary>The next line, null where none comes in time.</summary>
    public static string? ReadLine(Process child, TimeSpan timeout)
    {
        var line = child.StandardOutput.ReadLineAsync();
        return line.Wait(timeout) ? line.Result : null;
    }
}

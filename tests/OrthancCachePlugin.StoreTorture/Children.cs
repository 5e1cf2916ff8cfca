using System.Diagnostics;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>This program again, as another process.</summary>
public static class Children
{
    /// <summary>Starts a child; its log goes nowhere.</summary>
    public static Process Start(params string[] arguments)
    {
        var self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            start.ArgumentList.Add(typeof(Children).Assembly.Location);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var child = Process.Start(start)!;
        child.ErrorDataReceived += static (_, _) => { };
        child.BeginErrorReadLine();
        return child;
    }

    /// <summary>The next line, null where none comes in time.</summary>
    public static string? ReadLine(Process child, TimeSpan patience)
    {
        var line = child.StandardOutput.ReadLineAsync();
        return line.Wait(patience) ? line.Result : null;
    }
}

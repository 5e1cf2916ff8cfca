using System.Globalization;

namespace OrthancCachePlugin.EndToEnd.Servers;

/// <summary>The signals that a process has a handler for (proc(5), <c>SigCgt</c>).</summary>
internal static class CaughtSignals
{
    private const string Caught = "SigCgt:";

    /// <summary>Whether a signal would be handled; true of a process that is gone, for it needs none.</summary>
    public static bool Contain(int process, int signal)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(Caught, StringComparison.Ordinal));
            var signals = ulong.Parse(line.AsSpan(Caught.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return (signals & (1UL << (signal - 1))) != 0;
        }
        catch (IOException)
        {
            return true;
        }
    }
}

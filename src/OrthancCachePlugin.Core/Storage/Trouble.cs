using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>An exception in a few words for the person who runs the server.</summary>
/// <remarks>
/// The library is published without the texts of the framework's own exceptions, whose messages are the names of these texts then, as
/// "IO_PathNotFound_Path, /path". The system's words for its error numbers do instead. Messages of the file system name paths, nothing of a
/// patient.
/// </remarks>
internal static class Trouble
{
    private const int LargestErrorNumber = 4095;

    public static string Describe(Exception e) => e switch
    {
        UnauthorizedAccessException => "permission denied" + PathIn(e),
        DirectoryNotFoundException or FileNotFoundException => "no such file or directory" + PathIn(e),
        TimeoutException => e.Message.Length > 0 && !IsName(e.Message) ? e.Message : "the disk does not answer in time",
        IOException { HResult: > 0 and <= LargestErrorNumber } => Marshal.GetPInvokeErrorMessage(e.HResult) + PathIn(e),
        IOException => IsName(e.Message) ? "the disk fails" + PathIn(e) : e.Message,
        _ => e.GetType().Name,
    };

    private static bool IsName(string message) => message.Contains('_', StringComparison.Ordinal) && !message.Split(',', 2)[0].Contains(' ', StringComparison.Ordinal);

    /// <summary>The path in a message, quoted or at its end.</summary>
    private static string PathIn(Exception e)
    {
        var start = e.Message.IndexOf('/', StringComparison.Ordinal);
        return start < 0 ? "" : $" ({e.Message[start..].TrimEnd('.', '\'', ' ')})";
    }
}

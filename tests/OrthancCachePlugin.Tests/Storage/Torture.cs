using System.Diagnostics;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>The torture program as a child process.</summary>
internal static class Torture
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>Starts it; without root's right to write everywhere where permissions must mean something to it.</summary>
    public static Process Start(string command, string directory, bool obeysPermissions = false)
    {
        var program = typeof(StoreTorture.TestData).Assembly.Location;
        List<string> line = ["dotnet", program, command, directory];
        if (obeysPermissions && Environment.IsPrivilegedProcess)
        {
            // Still root, and not another user: that one may not reach the program, as in a clone below a home directory.
            line.InsertRange(0, ["setpriv", "--inh-caps=-dac_override", "--bounding-set=-dac_override"]);
        }

        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["DOTNET_ROLL_FORWARD"] = "Major";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return Process.Start(start)!;
    }

    /// <summary>Waits for a line.</summary>
    public static void Expect(Process child, string line)
    {
        var read = child.StandardOutput.ReadLineAsync();
        var found = read.Wait(Timeout) ? read.Result : "nothing in time";
        if (found != line)
        {
            throw new InvalidOperationException($"The child was to say '{line}' and said '{found}'.");
        }
    }
}

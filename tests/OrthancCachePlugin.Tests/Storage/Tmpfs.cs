using System.Diagnostics;
using System.Globalization;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>A small file system of its own. Where it cannot be mounted the test fails and says what it needs.</summary>
internal sealed class Tmpfs : IDisposable
{
    private readonly string path;

    private Tmpfs(string path) => this.path = path;

    public static Tmpfs Mount(string path, long size)
    {
        Directory.CreateDirectory(path);
        Run("mount", "-t", "tmpfs", "-o", "size=" + size.ToString(CultureInfo.InvariantCulture), "tmpfs", path);
        return new Tmpfs(path);
    }

    public void Dispose() => Run("umount", "-l", path);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"This test needs the right to mount a tmpfs (root, or a container with CAP_SYS_ADMIN): {program}: {error}");
        }
    }
}

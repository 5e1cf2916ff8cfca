using System.Diagnostics;

namespace OrthancCachePlugin.EndToEnd.Failure;

/// <summary>A directory on a file system of its own that holds next to nothing. Needs the right to mount.</summary>
internal sealed class FullDisk : IDisposable
{
    public FullDisk(string path, int kibibytes)
    {
        Path = Directory.CreateDirectory(path).FullName;
        Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k,mode=0777", "tmpfs", Path);
    }

    public string Path { get; }

    /// <summary>Takes all space that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(System.IO.Path.Combine(Path, "ballast"), FileMode.Append);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Full: that was the aim.
        }
    }

    public void Dispose() => Run("umount", Path);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: the tests of a full disk must be run by root, with the right to mount.");
        }
    }
}

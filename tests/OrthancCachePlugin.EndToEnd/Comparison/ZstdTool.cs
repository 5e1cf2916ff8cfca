using System.Diagnostics;

namespace OrthancCachePlugin.EndToEnd.Comparison;

/// <summary>Debian's zstd command, for a body that was sent as it is stored: another implementation than the one that made it.</summary>
internal static class ZstdTool
{
    public static byte[] Decode(byte[] frame)
    {
        using var process = Process.Start(new ProcessStartInfo("zstd", ["-d", "-c"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        using var plain = new MemoryStream();
        var copy = process.StandardOutput.BaseStream.CopyToAsync(plain);
        process.StandardInput.BaseStream.Write(frame);
        process.StandardInput.Close();
        copy.Wait();
        process.WaitForExit();
        process.ExitCode.Should().Be(0);
        return plain.ToArray();
    }
}

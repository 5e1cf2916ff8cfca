namespace OrthancCachePlugin.NativeHost.Tests.Toolchain;

/// <summary>Compiles C of the repository; <c>CC</c> chooses the compiler, <c>gcc</c> is the default.</summary>
internal static class CCompiler
{
    private static string Program => Environment.GetEnvironmentVariable("CC") is { Length: > 0 } compiler ? compiler : "gcc";

    /// <summary>Compiles and links; a warning is an error unless an argument says otherwise.</summary>
    /// <returns>The path of the program.</returns>
    public static async Task<string> BuildAsync(string outputPath, IEnumerable<string> arguments)
    {
        ProcessResult result = await Processes.RunAsync(
            Program, ["-std=gnu11", "-Wall", "-Wextra", "-Werror", .. arguments, "-o", outputPath]);
        return result.ExitCode == 0
            ? outputPath
            : throw new InvalidOperationException($"{Program} failed: {result.Everything}");
    }
}

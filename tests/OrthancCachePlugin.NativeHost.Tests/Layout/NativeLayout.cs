using OrthancCachePlugin.NativeHost.Tests.Toolchain;

namespace OrthancCachePlugin.NativeHost.Tests.Layout;

/// <summary>Compiles and runs <c>native-sdk-headers/layout.c</c>.</summary>
internal static class NativeLayout
{
    public static Task<LayoutTable> OfOurHeaderAsync() => RunAsync([]);

    /// <param name="includeFolder">The folder that has <c>orthanc/OrthancCPlugin.h</c> in it.</param>
    /// <remarks>Orthanc's header is not ours to free of warnings.</remarks>
    public static Task<LayoutTable> OfOrthancHeaderAsync(string includeFolder) =>
        RunAsync(["-DUSE_ORTHANC_HEADER", "-Wno-error", $"-isystem{includeFolder}"]);

    private static async Task<LayoutTable> RunAsync(string[] options)
    {
        using var folder = new TemporaryFolder();
        string program = await CCompiler.BuildAsync(
            folder.File("layout"), [.. options, Repository.PathTo("native-sdk-headers", "layout.c")]);
        ProcessResult result = await Processes.RunAsync(program, []);
        result.ExitCode.Should().Be(0, result.Everything);
        return LayoutTable.Parse(result.Output);
    }
}

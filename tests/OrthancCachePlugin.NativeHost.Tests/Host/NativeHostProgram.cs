using OrthancCachePlugin.NativeHost.Tests.Toolchain;

namespace OrthancCachePlugin.NativeHost.Tests.Host;

/// <summary>The compiled host of <c>tests/native-host</c>, built once for all tests: plain, and with sanitizers.</summary>
public sealed class NativeHostProgram : IAsyncLifetime
{
    private static readonly string[] Sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"];

    private readonly TemporaryFolder _folder = new();
    private string _program = "";
    private string _sanitizedProgram = "";

    private static string Sources => Repository.PathTo("tests", "native-host");

    public async Task InitializeAsync()
    {
        _program = await BuildAsync("native-host", []);
        _sanitizedProgram = await BuildAsync("native-host-sanitized", Sanitizers);
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    internal async Task<IReadOnlyList<string>> ListAsync()
    {
        ProcessResult result = await Processes.RunAsync(_program, ["--list"]);
        result.ExitCode.Should().Be(0, result.Everything);
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    internal Task<ProcessResult> RunAsync(string library, string scenario) => RunAsync(_program, library, scenario);

    /// <summary>
    /// The host under AddressSanitizer and UBSan. The runtime inside the library handles its own signals, and what it keeps to the end of
    /// the process is no leak of ours.
    /// </summary>
    internal Task<ProcessResult> RunSanitizedAsync(string library, string scenario) => RunAsync(
        _sanitizedProgram,
        library,
        scenario,
        new Dictionary<string, string?> { ["ASAN_OPTIONS"] = "detect_leaks=0:handle_segv=0:allow_user_segv_handler=1" });

    internal Task<string> BuildFaultyPluginAsync(string mistake) => CCompiler.BuildAsync(
        _folder.File($"{mistake}.so"), ["-shared", "-fPIC", $"-DMISTAKE={mistake}", Path.Combine(Sources, "faulty_plugin.c")]);

    private static async Task<ProcessResult> RunAsync(
        string program, string library, string scenario, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using var work = new TemporaryFolder();
        return await Processes.RunAsync(program, [library, work.FullPath, scenario], environment);
    }

    private Task<string> BuildAsync(string name, string[] options)
    {
        IEnumerable<string> sources = Directory.GetFiles(Sources, "*.c").Where(file => Path.GetFileName(file) != "faulty_plugin.c");
        return CCompiler.BuildAsync(
            _folder.File(name), ["-D_GNU_SOURCE", "-O1", "-g", .. options, .. sources, "-lpthread", "-ldl"]);
    }
}

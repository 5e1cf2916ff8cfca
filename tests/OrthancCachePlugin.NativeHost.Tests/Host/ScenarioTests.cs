using OrthancCachePlugin.NativeHost.Tests.Toolchain;
using Xunit.Abstractions;

namespace OrthancCachePlugin.NativeHost.Tests.Host;

/// <summary>The plugin itself in the host that plays Orthanc. The scenarios are described where they are written, in C.</summary>
public class ScenarioTests(NativeHostProgram host, ITestOutputHelper output) : IClassFixture<NativeHostProgram>
{
    public static TheoryData<string> Scenarios { get; } = new(
        "names",
        "old-server",
        "disabled",
        "wrong-configuration",
        "misspelt-member",
        "repeated",
        "finalize-while-the-server-hangs",
        "routes",
        "not-modified",
        "unknown-resources",
        "other-methods",
        "hits",
        "restart",
        "each-service-always",
        "each-service-once",
        "everything-fails",
        "initialize-fails",
        "absurd-answers",
        "versions-fail",
        "broken-folder",
        "all-changes",
        "freshness",
        "unreadable-events",
        "metrics",
        "threads",
        "threads-and-changes",
        "threads-and-settled-changes",
        "threads-used-again",
        "archives-are-streamed",
        "archive-whose-client-leaves",
        "archive-that-cannot-be-read",
        "stop-while-archives-are-streamed",
        "finalize-while-archives-are-streamed");

    [Fact]
    public async Task Every_scenario_of_the_host_is_run() =>
        (await host.ListAsync()).Should().Equal(Scenarios.Select<object[], string>(row => (string)row[0]));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task The_plugin_passes(string scenario)
    {
        ProcessResult result = await host.RunAsync(PluginLibrary.Path, scenario);

        output.WriteLine(result.Output);
        result.ExitCode.Should().Be(0, result.Everything);
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task The_plugin_passes_under_sanitizers(string scenario)
    {
        ProcessResult result = await host.RunSanitizedAsync(PluginLibrary.Path, scenario);

        output.WriteLine(result.Output);
        result.ExitCode.Should().Be(0, result.Everything);
    }
}

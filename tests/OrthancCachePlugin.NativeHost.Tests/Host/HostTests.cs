using OrthancCachePlugin.NativeHost.Tests.Toolchain;

namespace OrthancCachePlugin.NativeHost.Tests.Host;

/// <summary>The host itself: content with a plugin that only passes requests on, and not blind to the mistakes that it looks for.</summary>
public class HostTests(NativeHostProgram host) : IClassFixture<NativeHostProgram>
{
    [Theory]
    [InlineData("each-service-always")]
    [InlineData("versions-fail")]
    [InlineData("absurd-answers")]
    [InlineData("all-changes")]
    [InlineData("threads-and-changes")]
    [InlineData("threads-and-settled-changes")]
    public async Task The_host_is_content_with_a_plugin_that_makes_no_mistake(string scenario)
    {
        string plugin = await host.BuildFaultyPluginAsync("none");

        ProcessResult result = await host.RunSanitizedAsync(plugin, scenario);

        result.ExitCode.Should().Be(0, result.Everything);
    }

    [Theory]
    [InlineData("leak", "each-service-once", "are not freed")]
    [InlineData("double_free", "each-service-once", "does not own")]
    [InlineData("frees_garbage", "each-service-once", "does not own")]
    [InlineData("no_answer", "each-service-once", "no answer to")]
    [InlineData("two_answers", "each-service-once", "a second answer")]
    [InlineData("late_answer", "each-service-once", "not that of a running callback")]
    [InlineData("keeps_text", "each-service-once", "the core says 200")]
    [InlineData("passes_condition", "each-service-once", "was passed on to the core")]
    [InlineData("newer_service", "each-service-once", "is unknown to version")]
    [InlineData("refuses", "each-service-once", "the request filter answered 0")]
    [InlineData("tells", "each-service-once", "a log line names a resource")]
    [InlineData("wrong_304", "each-service-once", "has status 304")]
    [InlineData("stale", "each-service-once", "another body than the core")]
    [InlineData("stale", "threads-and-changes", "was known")]
    public async Task The_host_notices(string mistake, string scenario, string message)
    {
        string plugin = await host.BuildFaultyPluginAsync(mistake);

        ProcessResult result = await host.RunAsync(plugin, scenario);

        result.ExitCode.Should().Be(1, result.Everything);
        result.Output.Should().Contain(message);
    }

    [Fact]
    public async Task A_crash_of_the_plugin_is_no_success()
    {
        string plugin = await host.BuildFaultyPluginAsync("crash");

        ProcessResult result = await host.RunAsync(plugin, "routes");

        result.ExitCode.Should().BeGreaterThan(128, "a signal ended it");
    }

    [Fact]
    public async Task A_library_that_is_no_plugin_is_refused()
    {
        ProcessResult result = await host.RunAsync("/nowhere/libNothing.so", "names");

        result.ExitCode.Should().Be(1);
        result.Output.Should().Contain("FAILED");
    }
}

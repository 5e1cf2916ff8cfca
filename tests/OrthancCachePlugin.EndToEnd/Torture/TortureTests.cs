using Xunit.Abstractions;

namespace OrthancCachePlugin.EndToEnd.Torture;

/// <summary>The differential torture test with the configuration that a site starts with.</summary>
[Trait("Category", "Torture")]
public sealed class TortureTests(TortureServers servers, ITestOutputHelper output) : IClassFixture<TortureServers>
{
    [Fact]
    public void No_response_is_stale_and_no_304_is_wrong_after_any_mutation() => new TortureRun(servers, output).Run("one writer", 1);

    [Fact]
    public void No_response_is_stale_and_no_304_is_wrong_while_several_write_at_once() => new TortureRun(servers, output).Run("four writers", 4);
}

/// <summary>The same where files, frames and archives are stored on disk as well.</summary>
[Trait("Category", "Torture")]
public sealed class TortureOfBinariesTests(TortureServersWithBinaries servers, ITestOutputHelper output) : IClassFixture<TortureServersWithBinaries>
{
    [Fact]
    public void No_cached_binary_is_stale_and_no_304_is_wrong_while_several_write_at_once() => new TortureRun(servers, output).Run("binaries, two writers", 2);
}

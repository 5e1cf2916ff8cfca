using OrthancCachePlugin.Core.Archives;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Archives;

public sealed class ArchiveGenerationTests
{
    private static readonly Digest128 Settings = Digest128.Of("settings"u8);
    private readonly Memory _memory = new();
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private int _random;

    [Fact]
    public void Lasts_over_a_restart_when_all_ended_well()
    {
        var first = Start();
        var before = Of(first);
        first.TryBegin().Should().BeTrue();
        first.TryBegin().Should().BeTrue();
        first.End(isBroken: false);
        first.End(isBroken: false);

        Of(first).Should().Be(before);
        Of(Start()).Should().Be(before);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Ends_with_a_process_that_ends_while_streams_run(int streams)
    {
        var first = Start();
        var before = Of(first);
        for (var i = 0; i < streams; i++)
        {
            first.TryBegin().Should().BeTrue();
        }

        if (streams == 2)
        {
            first.End(isBroken: false);
        }

        _time.Advance(TimeSpan.FromHours(1));
        var after = Of(Start());

        after.Fingerprint.Should().NotBe(before.Fingerprint);
        after.Since.Should().BeGreaterThan(_time.GetUtcNow().ToUnixTimeSeconds(), "a resource may have changed, and been sent, just before the end");
    }

    [Fact]
    public void Ends_with_a_stream_that_was_broken_off_also_while_another_runs()
    {
        var first = Start();
        var before = Of(first);
        first.TryBegin();
        first.TryBegin();
        first.End(isBroken: true);
        var between = Of(first);
        between.Fingerprint.Should().NotBe(before.Fingerprint);
        between.Since.Should().BeGreaterThan(before.Since);
        Of(Start()).Fingerprint.Should().NotBe(between.Fingerprint).And.NotBe(before.Fingerprint);
        first.End(isBroken: false);

        Of(first).Should().Be(between);
        Of(Start()).Should().Be(between);
    }

    [Fact]
    public void Is_unknown_while_the_disk_cache_is_not_open_and_where_it_cannot_be_written()
    {
        _memory.IsOpen = false;
        Start().Of(Known).IsKnown.Should().BeFalse();
        _memory.IsOpen = true;
        var first = Start();
        first.Of(Known).IsKnown.Should().BeTrue();
        _memory.Fails = true;
        first.TryBegin().Should().BeFalse();
        Start().Of(Known).IsKnown.Should().BeFalse();
    }

    private static SettingsState Known => new(Settings, new SettingsSince(Settings, 5) { IsOnDisk = true }, 1, 0, 0);

    private ArchiveGeneration Start() => new(_memory, () => Digest128.Of(BitConverter.GetBytes(++_random)), _time);

    private static (Digest128 Fingerprint, long Since) Of(ArchiveGeneration generation)
    {
        var state = generation.Of(Known);
        return (state.Fingerprint, state.Since.Seconds);
    }

    private sealed class Memory : ISettingsMemory
    {
        private (Digest128 Mark, long Since)? _content;

        public bool IsOpen { get; set; } = true;

        public bool Fails { get; set; }

        public bool TryRead(out Digest128 fingerprint, out long since)
        {
            (fingerprint, since) = Fails ? throw new IOException() : _content ?? default;
            return _content is not null;
        }

        public void Write(Digest128 fingerprint, long since) => _content = Fails ? throw new IOException() : (fingerprint, since);
    }
}

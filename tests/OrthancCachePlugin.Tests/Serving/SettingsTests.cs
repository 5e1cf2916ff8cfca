using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Serving;

/// <summary>What shapes responses and belongs to no resource: no response of other settings is sent, confirmed or stored as one of these.</summary>
public class SettingsTests
{
    private readonly CacheFixture _cache = new();

    public SettingsTests()
    {
        Get();
        _cache.Time.AdvanceSeconds(3);
    }

    [Fact]
    public void What_is_set_by_a_request_shows_with_the_next_one()
    {
        var old = Hit();

        Put(1);

        var now = Get();
        now["Cache-Status"].Should().NotContain("hit");
        now.Text.Should().StartWith("1 ");
        now["ETag"].Should().NotBe(old["ETag"]);
    }

    [Fact]
    public void It_shows_also_while_its_request_has_not_ended_and_after_its_thread_has_served_another_one()
    {
        Hit();
        _cache.Tracker.RequestSeen(1, MutationScope.Content, null, _cache.Now, maySet: true);
        Get().Text.Should().NotStartWith("1 ");

        _cache.Origin.Set(1);

        Get().Text.Should().StartWith("1 ");
        _cache.Origin.Set(2);
        Get().Text.Should().StartWith("2 ");
        _cache.Tracker.RequestSeen(1, MutationScope.None, null, _cache.Now);
        Get().Text.Should().StartWith("2 ");
    }

    [Fact]
    public void Copies_of_other_settings_are_not_confirmed()
    {
        var old = Hit();
        Put(1);

        Get($"If-None-Match: {old["ETag"]}").Status.Should().Be(200);
        Get($"If-Modified-Since: {old["Last-Modified"]}").Status.Should().Be(200);
        Get($"If-Modified-Since: {old["Date"]}").Status.Should().Be(200);
        _cache.Time.AdvanceSeconds(3);
        var now = Hit();
        Get($"If-None-Match: {now["ETag"]}").Status.Should().Be(304);
        Get($"If-Modified-Since: {now["Last-Modified"]}").Status.Should().Be(304);
        Get($"If-Modified-Since: {old["Last-Modified"]}").Status.Should().Be(200);
    }

    [Fact]
    public void When_they_are_set_back_what_was_stored_is_right_again_and_dates_from_between_are_not()
    {
        var old = Hit();
        Put(1);
        Get();
        _cache.Time.AdvanceSeconds(3);
        var between = Hit();
        between["Last-Modified"].Should().NotBeNull();

        Put(0);

        Get()["Cache-Status"].Should().Contain("hit");
        Get($"If-None-Match: {old["ETag"]}").Status.Should().Be(304);
        Get($"If-None-Match: {between["ETag"]}").Status.Should().Be(200);
        _cache.Time.AdvanceSeconds(3);
        Get($"If-Modified-Since: {between["Last-Modified"]}").Status.Should().Be(200);
        Get($"If-Modified-Since: {between["Date"]}").Status.Should().Be(200);
    }

    [Fact]
    public void What_nobody_reports_shows_within_a_second()
    {
        Hit();
        _cache.Origin.Set(1);

        _cache.Time.AdvanceSeconds(1);

        Get().Text.Should().StartWith("1 ");
    }

    [Fact]
    public void What_nobody_reports_shows_with_the_next_sign_of_a_change()
    {
        Hit();
        _cache.Origin.Set(1);

        _cache.Upload(3);

        Get().Text.Should().StartWith("1 ");
    }

    [Fact]
    public void A_hit_asks_for_them_once_a_second()
    {
        Hit();
        var asked = 0;
        _cache.Origin.Interleave = () => asked++;

        for (var i = 0; i < 9; i++)
        {
            Get().Status.Should().Be(200);
            _cache.Time.AdvanceSeconds(0.1);
        }

        asked.Should().Be(0);
        _cache.Time.AdvanceSeconds(0.2);
        Get()["Cache-Status"].Should().Contain("hit");
        asked.Should().Be(2, "a question is counted before and after");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void What_was_computed_while_they_were_set_belongs_to_none(bool isSeen, bool isSetBack)
    {
        var path = CacheFixture.Tags;
        var exchange = new FakeExchange(path)
        {
            Origin = target =>
            {
                Set(1, isSeen);
                var response = _cache.Ask(target);
                if (isSetBack)
                {
                    Set(0, isSeen);
                }

                return response;
            },
        };

        _cache.Serve(exchange);

        exchange.Status.Should().Be(200);
        exchange["ETag"].Should().BeNull();
        exchange["Last-Modified"].Should().BeNull();
        exchange["Cache-Status"].Should().NotContain("stored");
        _cache.Time.AdvanceSeconds(3);
        _cache.Get(path).Text.Should().Be(isSetBack ? _cache.Origin.Now.Respond(Model.Tree.Instances[0], "tags") : "1 " + _cache.Origin.At(_cache.Origin.Last - 1).Respond(Model.Tree.Instances[0], "tags"));
    }

    [Fact]
    public void Where_the_server_does_not_tell_them_nothing_is_confirmed_or_stored()
    {
        var old = Hit();
        _cache.Origin.IsSilent = true;
        _cache.Time.AdvanceSeconds(1);

        var now = Get($"If-None-Match: {old["ETag"]}");

        now.Status.Should().Be(200);
        now["ETag"].Should().BeNull();
        now["Cache-Status"].Should().NotContain("stored");
        _cache.Origin.IsSilent = false;
        Get($"If-None-Match: {old["ETag"]}").Status.Should().Be(304);
    }

    [Fact]
    public void A_restart_with_the_same_settings_keeps_dates()
    {
        var old = Hit();
        _cache.Restart();
        _cache.Time.AdvanceSeconds(5);

        var now = Hit();

        now["Last-Modified"].Should().Be(old["Last-Modified"]);
        now["ETag"].Should().Be(old["ETag"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_restart_with_other_settings_confirms_nothing_old(bool isSetAtRunTime)
    {
        var old = Hit();
        if (isSetAtRunTime)
        {
            _cache.Origin.Set(1);
        }
        else
        {
            _cache.Host = new Digest128(1, 2);
        }

        _cache.Restart();
        _cache.Time.AdvanceSeconds(5);

        Get($"If-None-Match: {old["ETag"]}").Status.Should().Be(200);
        Get($"If-Modified-Since: {old["Last-Modified"]}").Status.Should().Be(200);
        Get($"If-Modified-Since: {old["Date"]}").Status.Should().Be(200);
    }

    /// <summary>The date of a copy that was made under settings that a later process knows nothing of must not confirm anything there.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_other_settings_and_a_restart_with_the_first_ones_dates_from_between_confirm_nothing(bool diskFails)
    {
        Hit();
        _cache.Settings.Fails = diskFails;
        Put(1);
        _cache.Time.AdvanceSeconds(5);
        var between = Get();
        _cache.Time.AdvanceSeconds(5);
        between = Get();
        between["ETag"].Should().NotBeNull();
        (between["Last-Modified"] is null).Should().Be(diskFails);

        _cache.Origin.Set(0);
        _cache.Settings.Fails = false;
        _cache.Restart();
        _cache.Time.AdvanceSeconds(5);

        Get($"If-None-Match: {between["ETag"]}").Status.Should().Be(200);
        if (between["Last-Modified"] is { } date)
        {
            Get($"If-Modified-Since: {date}").Status.Should().Be(200);
        }
    }

    private FakeExchange Get(params string[] headers) => _cache.Get(CacheFixture.Series, headers);

    private FakeExchange Hit()
    {
        Get();
        var hit = Get();
        hit["Cache-Status"].Should().Contain("hit");
        return hit;
    }

    /// <summary>As <c>PUT /tools/default-encoding</c> goes, followed by another request on the same connection.</summary>
    private void Put(int encoding)
    {
        Set(encoding, isSeen: true);
        _cache.Tracker.RequestSeen(1, MutationScope.None, null, _cache.Now);
    }

    private void Set(int encoding, bool isSeen)
    {
        if (isSeen)
        {
            _cache.Tracker.ToolSeen();
            _cache.Tracker.RequestSeen(1, MutationScope.Content, null, _cache.Now, maySet: true);
        }

        _cache.Origin.Set(encoding);
    }
}

using System.Text;
using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Tags;
using OrthancCachePlugin.Tests.Fakes;
using Xunit;

namespace OrthancCachePlugin.Tests.Tags;

public sealed class DerivedTagsTests : IDisposable
{
    private static readonly ResourceId Study = Id(1);
    private static readonly ResourceId Series = Id(2);
    private readonly FakeOrigin _origin = new();
    private readonly MemoryStore _store = new();
    private readonly FakeTimeProvider _time = FakeClock.Create();
    private readonly Dictionary<int, string> _files = [];
    private readonly ChangeTracker _tracker = new();
    private DerivedTags _tags;
    private int _lastUpdate = 1;

    public DerivedTagsTests()
    {
        _origin[$"/studies/{Study}"] = $$"""{ "Type" : "Study", "Series" : [ "{{Series}}" ] }""";
        for (var i = 0; i < 20; i++)
        {
            Put(i, $"file-{i}");
        }

        _tags = Start();
    }

    public void Dispose()
    {
        _tags.Dispose();
        _origin.Ledger.Outstanding.Should().Be(0);
    }

    [Fact]
    public void A_series_is_parsed_once_for_all_formats_and_levels()
    {
        var full = Get($"/series/{Series}/instances-tags", confirm: true);
        full.WasAsked.Should().BeTrue();
        full.Body.Should().StartWith("{\n   \"").And.EndWith("\n   }\n}");
        AskedForTags().Should().Be(20);

        foreach (var route in (string[])["instances-tags?short", "instances-tags?simplify", "shared-tags", "shared-tags?short", "shared-tags?simplify"])
        {
            Get($"/series/{Series}/{route}").WasAsked.Should().BeFalse(route);
            Get($"/studies/{Study}/{route}").WasAsked.Should().BeFalse(route);
        }

        Get($"/studies/{Study}/instances-tags").Body.Should().Be(full.Body);
        AskedForTags().Should().Be(20);
        _tags.Parsed.Should().Be(20);
    }

    [Fact]
    public void Shared_tags_are_those_that_are_equal_everywhere()
    {
        Get($"/series/{Series}/shared-tags?simplify").Body.Should().Be("{\n   \"Modality\" : \"0008,0060\"\n}");
        Get($"/series/{Series}/shared-tags").Body.Should().Be(TagTextTests.Entries(("0008,0060", "Modality")));
    }

    [Fact]
    public void What_is_stored_is_found_by_the_next_process()
    {
        var before = Get($"/series/{Series}/instances-tags?short", confirm: true);
        Restart();
        var after = Get($"/series/{Series}/instances-tags?short");
        (after.WasAsked, after.Body).Should().Be((false, before.Body));
        AskedForTags().Should().Be(20);
    }

    [Fact]
    public void What_was_not_confirmed_is_not_stored()
    {
        Get($"/series/{Series}/instances-tags");
        _store.Entries.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_series_that_grew_costs_one_list_and_one_parse(bool restarts)
    {
        Get($"/series/{Series}/instances-tags", confirm: true);
        Put(20, "file-20");
        Changed();
        if (restarts)
        {
            Restart();
        }

        _origin.Asked.Clear();
        var grown = Get($"/series/{Series}/instances-tags", confirm: true);
        grown.WasAsked.Should().BeTrue();
        grown.Body.Should().Contain(Id(120).ToString());
        AskedForTags().Should().Be(1);
        _origin.Asked.Count(p => p.EndsWith("/instances", StringComparison.Ordinal)).Should().Be(1);

        Restart();
        Get($"/series/{Series}/instances-tags").WasAsked.Should().BeFalse();
    }

    [Fact]
    public void An_overwritten_instance_is_parsed_again_and_a_deleted_one_leaves_the_store()
    {
        Get($"/series/{Series}/instances-tags", confirm: true);
        Put(3, "another");
        _files.Remove(4);
        Changed();

        var after = Get($"/series/{Series}/instances-tags", confirm: true);
        after.Body.Should().Contain("another").And.NotContain("file-3\"").And.NotContain("file-4\"");
        Texts().Should().Contain("another").And.NotContain("file-3\"").And.NotContain("file-4\"");
    }

    [Fact]
    public void One_child_that_cannot_be_read_leaves_all_to_the_origin_which_is_not_tried_again_at_once()
    {
        _origin.Responses.TryRemove($"/instances/{Id(107)}/tags", out _);
        TryGet($"/series/{Series}/shared-tags").Should().BeNull();
        _tags.CountOf(NotDerived.Unreadable).Should().Be(1);
        var asked = AskedForTags();

        TryGet($"/series/{Series}/shared-tags").Should().BeNull();
        AskedForTags().Should().Be(asked);

        Put(7, "file-7");
        _time.Advance(TimeSpan.FromMinutes(1));
        Get($"/series/{Series}/shared-tags");
    }

    [Fact]
    public void A_file_that_was_cut_before_its_pixels_leaves_all_to_the_origin()
    {
        _origin[$"/instances/{Id(107)}/tags"] = TagTextTests.Entries(("0008,0018", "file-7"));
        TryGet($"/series/{Series}/instances-tags").Should().BeNull();
    }

    [Theory]
    [InlineData("/series/{0}/instances-tags?ignore-length=0008-0018", NotDerived.Argument)]
    [InlineData("/series/{0}/shared-tags?simplify&ignore-length", NotDerived.Argument)]
    public void Some_arguments_are_understood_by_the_origin_alone(string target, NotDerived reason)
    {
        TryGet(string.Format(null, target, Series)).Should().BeNull();
        _tags.CountOf(reason).Should().Be(1);
    }

    [Fact]
    public void Xml_is_written_by_the_origin_alone()
    {
        TryGet($"/series/{Series}/shared-tags", "Accept: application/xml").Should().BeNull();
        _tags.CountOf(NotDerived.Xml).Should().Be(1);
    }

    [Fact]
    public void An_identifier_of_another_level_is_left_to_the_origin()
    {
        _origin[$"/studies/{Series}"] = $$"""{ "Type" : "Series", "Instances" : [ "{{Id(100)}}" ] }""";
        _origin[$"/series/{Study}/instances"] = List();
        TryGet($"/studies/{Series}/shared-tags").Should().BeNull();
        TryGet($"/series/{Study}/shared-tags").Should().BeNull();
        _tags.CountOf(NotDerived.Changed).Should().Be(2);
    }

    [Fact]
    public void An_instance_is_found_among_those_of_its_series()
    {
        Get($"/series/{Series}/instances-tags", confirm: true);
        _origin.Asked.Clear();
        var target = $"/instances/{Id(105)}/simplified-tags";
        Get(target, file: Digest128.Of("uuid of file-5"u8)).Body.Should().Contain("\"Modality\" : \"0008,0060\"");
        _origin.Asked.Should().BeEmpty();
    }

    [Fact]
    public void An_instance_alone_is_parsed_once_and_its_full_tags_are_given_to_be_stored()
    {
        using var response = TryGet($"/instances/{Id(105)}/tags?short", file: Digest128.Of("uuid of file-5"u8))!;
        response.WasAsked.Should().BeTrue();
        Encoding.UTF8.GetString(response.Full!.Body).Should().Be(_origin.Responses[$"/instances/{Id(105)}/tags"]);
    }

    [Fact]
    public void What_is_purged_is_neither_in_memory_nor_stored_by_who_read_it_before()
    {
        Get($"/series/{Series}/instances-tags", confirm: true);
        using var pending = TryGet($"/series/{Series}/instances-tags?short")!;
        _store.Remove(KeyPrefixes.All);
        _tags.Forget(KeyPrefixes.All);
        _tags.Confirm(pending);
        _store.Entries.Should().BeEmpty();
        _origin.Asked.Clear();
        Get($"/series/{Series}/instances-tags");
        AskedForTags().Should().Be(20);
    }

    [Fact]
    public void Damaged_and_foreign_chunks_are_read_again_from_the_origin()
    {
        var before = Get($"/series/{Series}/instances-tags", confirm: true).Body;
        foreach (var key in _store.Entries.Keys)
        {
            var (value, createdAt) = _store.Entries[key];
            for (var i = 0; i < Math.Min(value.Length, 64); i++)
            {
                byte[] damaged = [.. value];
                damaged[i] ^= 0xFF;
                _store.Entries[key] = (damaged, createdAt);
                _tags.Dispose();
                _tags = Start();
                Get($"/series/{Series}/instances-tags").Body.Length.Should().Be(before.Length);
            }

            _store.Entries[key] = (value[..10], createdAt);
            Restart();
            Get($"/series/{Series}/instances-tags").Body.Should().Be(before);
            _store.Entries[key] = (value, createdAt);
        }
    }

    [Fact]
    public void Memory_is_given_back()
    {
        Get($"/series/{Series}/instances-tags", confirm: true);
        _tags.MemoryBytes.Should().BePositive();
        _time.Advance(TimeSpan.FromSeconds(30));
        _tags.MemoryBytes.Should().Be(0);
    }

    [Fact]
    public void The_first_response_of_each_kind_is_compared_with_the_origins_own_and_no_other()
    {
        var target = $"/series/{Series}/shared-tags?simplify";
        _origin[target] = "{\n   \"Modality\" : \"0008,0060\"\n}";
        var check = Check(new MemorySettings());
        for (var i = 0; i < 3; i++)
        {
            Offer(check, target);
        }

        _origin.Asked.Count(t => t == target).Should().Be(1);
        _tags.IsOff.Should().BeFalse();
    }

    [Fact]
    public void A_rule_that_is_wrong_for_this_origin_leaves_tags_to_it_under_other_keys_also_after_a_restart()
    {
        var target = $"/series/{Series}/shared-tags?simplify";
        _origin[target] = "{\n   \"Modality\" : \"as another version writes it\"\n}";
        var memory = new MemorySettings();
        var log = new ListLog();
        var check = Check(memory, log: log);
        var settings = new SettingsState(default, new SettingsSince(default, 1), 1, 0, 0);
        check.Of(settings).Should().BeSameAs(settings);
        Offer(check, target);

        _tags.IsOff.Should().BeTrue();
        log.Lines.Should().ContainSingle().Which.Should().Contain("/series/{id}/shared-tags?simplify").And.NotContain(Series.ToString());
        var after = check.Of(settings);
        after.Fingerprint.Should().NotBe(settings.Fingerprint);
        after.Since.Seconds.Should().BeGreaterThan(settings.Since.Seconds);
        after.OfServer.Should().Be(settings.OfServer);
        TryGet(target).Should().BeNull();
        _tags.CountOf(NotDerived.SwitchedOff).Should().Be(1);

        Restart();
        Check(memory).Of(settings).Fingerprint.Should().Be(after.Fingerprint);
        _tags.IsOff.Should().BeTrue();

        Restart();
        Check(memory, build: "another build").Of(settings).Fingerprint.Should().Be(after.Fingerprint, "clients may still hold what was wrong");
        _tags.IsOff.Should().BeFalse();
    }

    [Fact]
    public void A_file_that_is_away_while_the_check_runs_switches_nothing_off()
    {
        var target = $"/series/{Series}/shared-tags";
        var check = Check(new MemorySettings());
        using var sent = TryGet(target)!;
        _origin[target] = "{}";
        _origin.Responses.TryRemove($"/instances/{Id(107)}/tags", out _);
        Offer(check, target, sent);
        _tags.IsOff.Should().BeFalse();

        Put(7, "file-7");
        _origin[target] = Encoding.UTF8.GetString(sent.Body);
        Offer(check, target, sent);
        Offer(check, target, sent);
        _origin.Asked.Count(t => t == target).Should().Be(2, "the second comparison was the last");
    }

    [Fact]
    public void What_has_changed_before_the_check_runs_switches_nothing_off()
    {
        var target = $"/series/{Series}/instances-tags";
        var check = Check(new MemorySettings());
        using var sent = TryGet(target)!;
        DerivedTags.GiveUp(sent);
        Put(3, "another");
        Changed();
        _origin[target] = Get(target).Body;
        Offer(check, target, sent);
        _tags.IsOff.Should().BeFalse();
    }

    private static ResourceId Id(int number) => new((ulong)number << 32, 7, 9);

    private string List() => "[" + string.Join(',', _files.Select(f =>
        $$"""{ "ID" : "{{Id(100 + f.Key)}}", "FileUuid" : "uuid of {{f.Value}}", "ParentSeries" : "{{Series}}" }""")) + "]";

    private void Put(int number, string file)
    {
        _files[number] = file;
        _origin[$"/instances/{Id(100 + number)}/tags"] = TagTextTests.Entries(("0008,0018", file), ("0008,0060", "Modality"), ("7fe0,0010", "PixelData"))
            .Replace("\"Value\" : \"0008,0018\"", $"\"Value\" : \"{file}\"", StringComparison.Ordinal)
            .Replace("\"String\",\n      \"Value\" : \"7fe0,0010\"", "\"Null\",\n      \"Value\" : null", StringComparison.Ordinal);
        Answer();
    }

    private void Answer()
    {
        _origin[$"/series/{Series}/instances"] = List();
        foreach (var resource in (string[])[$"/series/{Series}", $"/studies/{Study}"])
        {
            _origin[$"{resource}/metadata/LastUpdate"] = $"20200101T0000{_lastUpdate:00}";
            _origin[$"{resource}/statistics"] = $$"""{ "CountInstances" : {{_files.Count}} }""";
        }
    }

    private void Changed()
    {
        _lastUpdate++;
        Answer();
        _tracker.Changed(MutationScope.Content, _time.GetTimestampTicks());
        _time.Advance(TimeSpan.FromSeconds(30));
    }

    private TagsCheck Check(MemorySettings memory, string build = "a build", ILog? log = null) =>
        new(_tags, _origin, memory, Digest128.Of(Encoding.UTF8.GetBytes(build)), work => work(), _time, log ?? new ListLog());

    private void Offer(TagsCheck check, string target, DerivedResponse? sent = null)
    {
        RouteTable.TryMatch(Encoding.UTF8.GetBytes(target.Split('?')[0]), out var match).Should().BeTrue();
        ResourceId.TryParse(match.Id, out var id).Should().BeTrue();
        var response = sent ?? TryGet(target)!;
        check.Offer(new Resource(match.Level, id), match.Route, response);
        if (sent is null)
        {
            response.Dispose();
        }
    }

    private DerivedTags Start()
    {
        var versions = new ResourceVersions(new OrthancApi(_origin), _tracker, new MutationLog(), _time, new VersionSettings { LastUpdateMovesOnDelete = true });
        return new DerivedTags(_origin, versions, _store, new PlainCompressor(), (count, work) => work(), _time);
    }

    private void Restart()
    {
        _tags.Dispose();
        _tags = Start();
    }

    private int AskedForTags() => _origin.Asked.Count(p => p.EndsWith("/tags", StringComparison.Ordinal));

    private string Texts() => string.Concat(_store.Entries.Values.Select(v => Encoding.UTF8.GetString(v.Value)));

    private DerivedResponse? TryGet(string target, string? header = null, Digest128? file = null)
    {
        var exchange = new FakeExchange(target, header is null ? [] : [header]) { Origin = path => _origin.Get(Encoding.UTF8.GetBytes(path)) };
        RouteTable.TryMatch(exchange.Path, out var match).Should().BeTrue();
        ResourceId.TryParse(match.Id, out var id).Should().BeTrue();
        return _tags.TryMake(
            new TagsRequest { Exchange = exchange, Route = match.Route, Resource = new Resource(match.Level, id), Fingerprint = default, File = file },
            (_, _, _) => null);
    }

    private (string Body, bool WasAsked) Get(string target, bool confirm = false, Digest128? file = null)
    {
        using var response = TryGet(target, file: file);
        response.Should().NotBeNull();
        if (confirm)
        {
            _tags.Confirm(response!);
        }

        return (Encoding.UTF8.GetString(response!.Body), response.WasAsked);
    }
}

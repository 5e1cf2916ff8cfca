using FluentAssertions;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Policy;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.WarmUp;
using OrthancCachePlugin.Tests.Storage;
using OrthancCachePlugin.Tests.WarmUp;
using Xunit;

namespace OrthancCachePlugin.Tests.Administration;

/// <summary>What was deleted from the archive leaves the cache: memory at once, the disk soon, and not too often.</summary>
public sealed class GoneEntriesTests : IDisposable
{
    private readonly SteppedTime time = new();
    private readonly TextCore core = new();
    private readonly ListedStore store = new();
    private readonly ServingCounters serving = new();
    private readonly List<KeyPrefixes> forgotten = [];
    private readonly GoneEntries gone;
    private readonly EntryRemover remover;

    public GoneEntriesTests()
    {
        remover = new EntryRemover(store, new ResourceTree(core), forgotten.Add);
        gone = new GoneEntries(remover, store, new LoadGate(serving, time), time, new ListLog());
        core.Answers["/system"] = "{}";
    }

    public void Dispose() => gone.Dispose();

    [Fact]
    public void It_leaves_memory_at_once_and_the_disk_when_deletions_have_come_to_an_end()
    {
        Finish();
        Hold(Resources.Study(1), exists: false);
        Hold(Resources.Study(2), exists: true);
        gone.Deleted(Resources.Study(1));

        var wait = gone.RunOnce();

        forgotten.Should().ContainSingle().Which.Match(Key(Resources.Study(1))).Should().BeTrue();
        wait.Should().Be(GoneEntries.Quiet);
        store.Entries.Should().HaveCount(2);
        time.Advance(GoneEntries.Quiet);
        gone.RunOnce().Should().Be(TimeSpan.Zero);
        store.Entries.Keys.Should().Equal(Convert.ToHexString(Key(Resources.Study(2))));
        gone.RunOnce().Should().BeNull("there is nothing left to wait for");
    }

    [Fact]
    public void Deletions_without_end_do_not_put_it_off_for_ever()
    {
        Finish();
        Hold(Resources.Study(1), exists: false);
        gone.Deleted(Resources.Study(1));
        for (uint i = 2; time.GetTimestamp() < GoneEntries.LongestWait.Ticks + (2 * GoneEntries.Quiet.Ticks); i++)
        {
            time.Advance(GoneEntries.Quiet / 2);
            gone.Deleted(Resources.Study(i));
            gone.RunOnce();
        }

        store.Entries.Should().BeEmpty();
    }

    [Fact]
    public void The_disk_is_not_written_faster_than_so_much_an_hour()
    {
        Finish();
        store.Status = new StoreStatus { State = StoreState.Working, BytesOnDisk = GoneEntries.BytesPerHour / 2 };
        Delete(1);
        time.Advance(GoneEntries.Quiet);
        gone.RunOnce().Should().Be(TimeSpan.Zero);
        Delete(2);
        time.Advance(GoneEntries.LongestWait);

        gone.RunOnce().Should().Be(TimeSpan.FromMinutes(30) - GoneEntries.LongestWait);

        store.Entries.Should().HaveCount(1);
        time.Advance(TimeSpan.FromMinutes(20));
        gone.RunOnce();
        store.Entries.Should().BeEmpty();

        void Delete(uint study)
        {
            Hold(Resources.Study(study), exists: false);
            gone.Deleted(Resources.Study(study));
        }
    }

    [Fact]
    public void What_has_come_back_is_let_alone()
    {
        Finish();
        Hold(Resources.Study(1), exists: true);
        gone.Deleted(Resources.Study(1));
        time.Advance(GoneEntries.Quiet);

        gone.RunOnce();

        store.Entries.Should().HaveCount(1);
        store.Removals.Should().BeEmpty("there is nothing to rewrite the log for");
    }

    [Fact]
    public void What_was_deleted_while_nobody_listened_is_found_after_the_start()
    {
        Hold(Resources.Study(1), exists: false);
        Hold(Resources.Study(2), exists: true);

        gone.RunOnce().Should().Be(GoneEntries.Quiet);
        time.Advance(GoneEntries.Quiet);
        gone.RunOnce();

        store.Entries.Keys.Should().Equal(Convert.ToHexString(Key(Resources.Study(2))));
    }

    [Theory]
    [InlineData(StoreState.Recovering)]
    [InlineData(StoreState.Disabled)]
    public void A_store_that_does_not_work_yet_is_waited_for(StoreState state)
    {
        Hold(Resources.Study(1), exists: false);
        store.Status = new StoreStatus { State = state };
        time.Advance(GoneEntries.Quiet);

        gone.RunOnce().Should().Be(TimeSpan.FromSeconds(1));
        store.Status = new StoreStatus { State = StoreState.Working };
        gone.RunOnce();

        store.Entries.Should().BeEmpty();
    }

    [Fact]
    public void A_core_that_does_not_answer_deletes_nothing()
    {
        Hold(Resources.Study(1), exists: false);
        core.Answers.Clear();
        time.Advance(GoneEntries.Quiet);

        gone.RunOnce();

        store.Entries.Should().HaveCount(1);
    }

    [Fact]
    public void A_removal_takes_what_is_below_and_leaves_the_rest()
    {
        core.Answers[$"/patients/{Resources.Id(1)}"] = $$"""{"Studies":["{{Resources.Id(2)}}"]}""";
        core.Answers[$"/studies/{Resources.Id(2)}"] = $$"""{"Series":["{{Resources.Id(3)}}"]}""";
        core.Answers[$"/series/{Resources.Id(3)}"] = $$"""{"Instances":["{{Resources.Id(4)}}","{{Resources.Id(5)}}"]}""";
        Resource[] family = [Resources.Patient(1), Resources.Study(2), Resources.Series(3), new(ResourceLevel.Instance, Resources.Id(4))];
        foreach (var resource in (Resource[])[.. family, Resources.Study(9)])
        {
            Hold(resource, exists: true);
        }

        remover.RemoveWithChildren(Resources.Study(2), out var resources).Should().Be(3);

        resources.Should().Be(4);
        store.Entries.Keys.Should().BeEquivalentTo(Convert.ToHexString(Key(Resources.Patient(1))), Convert.ToHexString(Key(Resources.Study(9))));
    }

    [Fact]
    public void Removing_what_is_gone_takes_all_that_is_gone_with_it()
    {
        Hold(new(ResourceLevel.Instance, Resources.Id(4)), exists: false);
        Hold(Resources.Study(9), exists: true);

        remover.RemoveWithChildren(Resources.Study(2), out _).Should().Be(1);

        store.Entries.Keys.Should().Equal(Convert.ToHexString(Key(Resources.Study(9))));
        remover.RemoveWithChildren(Resources.Study(2), out _).Should().BeNull("nothing is held, and there is no such resource");
    }

    /// <summary>What is looked for after the start has been looked for.</summary>
    private void Finish()
    {
        time.Advance(GoneEntries.Quiet);
        gone.RunOnce();
        gone.RunOnce().Should().BeNull();
        forgotten.Clear();
        store.Removals.Clear();
    }

    private void Hold(Resource resource, bool exists)
    {
        store.Entries[Convert.ToHexString(Key(resource))] = [1];
        if (exists)
        {
            var level = System.Text.Encoding.ASCII.GetString(ResourceLevels.PathOf(resource.Level));
            core.Answers[$"/{level}/{resource.Id}/metadata"] = "[]";
        }
    }

    /// <summary>A key of <c>attachments</c>, a route that every level has.</summary>
    private static byte[] Key(Resource resource)
    {
        var routes = resource.Level == ResourceLevel.Instance ? RouteTable.Instances : RouteTable.Parents;
        var key = new byte[RequestKey.ResourcePrefixSize + 4 + 32];
        RequestKey.WriteResource(resource, key);
        key[RequestKey.ResourcePrefixSize] = routes.First(r => r.Name == "attachments").Code;
        return key;
    }
}

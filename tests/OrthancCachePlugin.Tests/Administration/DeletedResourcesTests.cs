using FluentAssertions;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Tests.WarmUp;
using Xunit;

namespace OrthancCachePlugin.Tests.Administration;

/// <summary>What was deleted from the archive leaves the cache: memory at once, the disk soon, and not too often.</summary>
public sealed class DeletedResourcesTests : IDisposable
{
    private readonly DeletedResourcesBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void It_leaves_memory_at_once_and_the_disk_when_deletions_have_come_to_an_end()
    {
        bench.Finish();
        bench.Hold(Resources.Study(1), exists: false);
        bench.Hold(Resources.Study(2), exists: true);
        bench.Deletions.Deleted(Resources.Study(1));

        var wait = bench.Deletions.RunOnce();

        bench.Forgotten.Should().ContainSingle().Which.Match(DeletedResourcesBench.Key(Resources.Study(1))).Should().BeTrue();
        wait.Should().Be(DeletedResources.Quiet);
        bench.Store.Entries.Should().HaveCount(2);
        bench.Time.Advance(DeletedResources.Quiet);
        bench.Deletions.RunOnce().Should().Be(TimeSpan.Zero);
        bench.Store.Entries.Keys.Should().Equal(Convert.ToHexString(DeletedResourcesBench.Key(Resources.Study(2))));
        bench.Deletions.RunOnce().Should().BeNull("there is nothing left to wait for");
    }

    [Fact]
    public void Deletions_without_end_do_not_put_it_off_for_ever()
    {
        bench.Finish();
        bench.Hold(Resources.Study(1), exists: false);
        bench.Deletions.Deleted(Resources.Study(1));
        var start = bench.Time.GetTimestamp();
        for (uint i = 2; bench.Time.GetTimestamp() - start < DeletedResources.MaximumWait.Ticks + (2 * DeletedResources.Quiet.Ticks); i++)
        {
            bench.Time.Advance(DeletedResources.Quiet / 2);
            bench.Deletions.Deleted(Resources.Study(i));
            bench.Deletions.RunOnce();
        }

        bench.Store.Entries.Should().BeEmpty();
    }

    [Fact]
    public void The_disk_is_not_written_faster_than_so_much_an_hour()
    {
        bench.Finish();
        bench.Store.Status = new StoreStatus { State = StoreState.Working, BytesOnDisk = DeletedResources.BytesPerHour / 2 };
        Delete(1);
        bench.Time.Advance(DeletedResources.Quiet);
        bench.Deletions.RunOnce().Should().Be(TimeSpan.Zero);
        Delete(2);
        bench.Time.Advance(DeletedResources.MaximumWait);

        bench.Deletions.RunOnce().Should().Be(TimeSpan.FromMinutes(30) - DeletedResources.MaximumWait);

        bench.Store.Entries.Should().HaveCount(1);
        bench.Time.Advance(TimeSpan.FromMinutes(20));
        bench.Deletions.RunOnce();
        bench.Store.Entries.Should().BeEmpty();

        void Delete(uint study)
        {
            bench.Hold(Resources.Study(study), exists: false);
            bench.Deletions.Deleted(Resources.Study(study));
        }
    }

    [Fact]
    public void What_has_come_back_is_let_alone()
    {
        bench.Finish();
        bench.Hold(Resources.Study(1), exists: true);
        bench.Deletions.Deleted(Resources.Study(1));
        bench.Time.Advance(DeletedResources.Quiet);

        bench.Deletions.RunOnce();

        bench.Store.Entries.Should().HaveCount(1);
        bench.Store.Removed.Should().BeEmpty("there is nothing to rewrite the log for");
    }

    [Fact]
    public void What_was_deleted_while_nobody_listened_is_found_after_the_start()
    {
        bench.Hold(Resources.Study(1), exists: false);
        bench.Hold(Resources.Study(2), exists: true);

        bench.Deletions.RunOnce().Should().Be(DeletedResources.Quiet);
        bench.Time.Advance(DeletedResources.Quiet);
        bench.Deletions.RunOnce();

        bench.Store.Entries.Keys.Should().Equal(Convert.ToHexString(DeletedResourcesBench.Key(Resources.Study(2))));
    }

    [Theory]
    [InlineData(StoreState.Recovering)]
    [InlineData(StoreState.Disabled)]
    public void A_store_that_does_not_work_yet_is_waited_for(StoreState state)
    {
        bench.Hold(Resources.Study(1), exists: false);
        bench.Store.Status = new StoreStatus { State = state };
        bench.Time.Advance(DeletedResources.Quiet);

        bench.Deletions.RunOnce().Should().Be(TimeSpan.FromSeconds(1));
        bench.Store.Status = new StoreStatus { State = StoreState.Working };
        bench.Deletions.RunOnce();

        bench.Store.Entries.Should().BeEmpty();
    }

    [Fact]
    public void An_origin_that_does_not_answer_deletes_nothing()
    {
        bench.Hold(Resources.Study(1), exists: false);
        bench.Origin.Responses.Clear();
        bench.Time.Advance(DeletedResources.Quiet);

        bench.Deletions.RunOnce();

        bench.Store.Entries.Should().HaveCount(1);
    }

    [Fact]
    public void A_removal_takes_what_is_below_and_leaves_the_rest()
    {
        bench.Origin.Responses[$"/patients/{Resources.Id(1)}"] = $$"""{"Studies":["{{Resources.Id(2)}}"]}""";
        bench.Origin.Responses[$"/studies/{Resources.Id(2)}"] = $$"""{"Series":["{{Resources.Id(3)}}"]}""";
        bench.Origin.Responses[$"/series/{Resources.Id(3)}"] = $$"""{"Instances":["{{Resources.Id(4)}}","{{Resources.Id(5)}}"]}""";
        Resource[] family = [Resources.Patient(1), Resources.Study(2), Resources.Series(3), new(ResourceLevel.Instance, Resources.Id(4))];
        foreach (var resource in (Resource[])[.. family, Resources.Study(9)])
        {
            bench.Hold(resource, exists: true);
        }

        bench.Remover.RemoveWithChildren(Resources.Study(2), out var resources).Should().Be(3);

        resources.Should().Be(4);
        bench.Store.Entries.Keys.Should().BeEquivalentTo(Convert.ToHexString(DeletedResourcesBench.Key(Resources.Patient(1))), Convert.ToHexString(DeletedResourcesBench.Key(Resources.Study(9))));
    }

    [Fact]
    public void Removing_what_was_deleted_removes_all_that_was_deleted_with_it()
    {
        bench.Hold(new(ResourceLevel.Instance, Resources.Id(4)), exists: false);
        bench.Hold(Resources.Study(9), exists: true);

        bench.Remover.RemoveWithChildren(Resources.Study(2), out _).Should().Be(1);

        bench.Store.Entries.Keys.Should().Equal(Convert.ToHexString(DeletedResourcesBench.Key(Resources.Study(9))));
        bench.Remover.RemoveWithChildren(Resources.Study(2), out _).Should().BeNull("nothing is cached, and there is no such resource");
    }
}

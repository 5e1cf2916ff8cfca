using System.Collections.Concurrent;
using OrthancCachePlugin.Tests.Fakes;
using OrthancCachePlugin.Tests.Model;

namespace OrthancCachePlugin.Tests.Serving;

/// <summary>What a response's version and date are, in histories that were once got wrong.</summary>
public sealed class ResponseVersionTests : IDisposable
{
    private const string Hit = "response-cache; hit";
    private readonly CacheFixture _cache = new();
    private readonly string _study = $"/studies/{Tree.Studies[0].Id}/shared-tags";

    public void Dispose()
    {
        _cache.Store.Drain(TimeSpan.Zero);
        _cache.Origin.Ledger.Outstanding.Should().Be(0, "every response of the origin is given back");
        _cache.Store.Outstanding.Should().Be(0);
    }

    [Fact]
    public void Regression_the_same_file_after_another_one_has_a_later_date()
    {
        var first = _cache.Get(CacheFixture.Tags);
        _cache.Upload(0);
        _cache.Time.AdvanceSeconds(3);
        var second = _cache.Get(CacheFixture.Tags);
        second["ETag"].Should().NotBe(first["ETag"]);
        _cache.Time.AdvanceSeconds(3);
        _cache.Upload(0);
        _cache.Restart();
        _cache.Time.AdvanceSeconds(3);
        _cache.Get(CacheFixture.Tags, $"If-Modified-Since: {second["Last-Modified"]}").Status.Should().Be(200);
    }

    [Fact]
    public void Regression_a_computation_that_began_in_the_second_of_a_change_is_not_confirmed_after_it()
    {
        _cache.Upload(0);
        var exchange = new FakeExchange(CacheFixture.Series)
        {
            Origin = t =>
            {
                var response = _cache.Ask(t);
                _cache.Upload(0);
                _cache.Time.AdvanceSeconds(3);
                return response;
            },
        };
        _cache.Serve(exchange)["ETag"].Should().BeNull();
        _cache.Get(CacheFixture.Series).Text.Should().NotBe(exchange.Text);
    }

    [Fact]
    public void Regression_a_state_read_in_the_second_of_its_last_update_is_read_deeply_once_more()
    {
        _cache.Delete(1);
        _cache.Restart();
        _cache.Upload(0);
        _cache.Get(CacheFixture.Series);
        _cache.Upload(1);
        _cache.Time.AdvanceSeconds(3);
        _cache.Get(CacheFixture.Series).Text.Should().Be("0:5,1:6");
        _cache.Delete(1);
        _cache.Get(CacheFixture.Series).Text.Should().Be("0:5", "the response before belonged to another state");
    }

    [Fact]
    public void Regression_a_validation_that_was_overtaken_does_not_forget_what_the_other_one_learnt()
    {
        FakeExchange? archive = null;
        var calls = 0;
        _cache.Origin.Interleave = () =>
        {
            if (++calls == 3)
            {
                archive = _cache.Get(CacheFixture.Archive);
            }
        };
        _cache.Get(CacheFixture.Series);
        _cache.Origin.Rename(Tree.Studies[0]);
        var condition = $"If-Modified-Since: {archive!["Last-Modified"]}";
        _cache.Get(CacheFixture.Archive, condition).Status.Should().Be(200);
    }

    [Fact]
    public void Regression_new_names_of_folders_move_the_date_of_an_archive()
    {
        var first = _cache.Get(CacheFixture.Archive);
        _cache.Time.AdvanceSeconds(3);
        _cache.Origin.Rename(Tree.Studies[0]);
        _cache.Get(CacheFixture.Archive, $"If-Modified-Since: {first["Last-Modified"]}").Status.Should().Be(200);
        _cache.Get(CacheFixture.Archive, $"If-None-Match: {first["ETag"]}").Status.Should().Be(200);
    }

    [Fact]
    public void Regression_a_deletion_seen_while_the_clock_was_set_back_still_moves_the_date_on()
    {
        var first = _cache.Get(CacheFixture.Series);
        _cache.Time.StepWall(TimeSpan.FromHours(-1));
        _cache.Delete(1);
        _cache.Get(CacheFixture.Series, $"If-Modified-Since: {first["Last-Modified"]}").Status.Should().Be(200);
    }

    [Fact]
    public void Regression_a_volatile_body_that_changed_without_a_sign_is_not_shared_under_the_old_tag()
    {
        _cache.Store.IsLazy = true;
        var first = _cache.Get(CacheFixture.Metadata);
        _cache.Origin.Annotate(Tree.Instances[0]);
        var leader = _cache.Get(CacheFixture.Metadata);
        var follower = _cache.Get(CacheFixture.Metadata);
        leader["ETag"].Should().NotBe(first["ETag"]);
        follower["ETag"].Should().Be(leader["ETag"]);
        follower.Text.Should().Be(leader.Text);
    }

    [Fact]
    public void A_recycled_patient_sends_nobody_else_into_deep_validation()
    {
        _cache.Get(CacheFixture.Series);
        _cache.Delete(3);
        _cache.Get(CacheFixture.Series); // the first deletion makes it ask for its children
        _cache.Upload(3);
        _cache.Delete(3);
        var questions = _cache.Questions;
        _cache.Get(CacheFixture.Series)["Cache-Status"].Should().Be(Hit);
        (_cache.Questions - questions).Should().Be(1, "LastUpdate alone");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Regression_a_deletion_between_the_questions_of_a_validation_shows_once_it_is_told(int moment)
    {
        _cache.Get(_study);
        _cache.Delete(3); // from now on children are asked for
        var moments = 0;
        _cache.Origin.Interleave = () =>
        {
            if (++moments == moment)
            {
                _cache.Origin.Delete(Tree.Instances[2]);
            }
        };

        _cache.Get(_study);
        moments.Should().BeGreaterThanOrEqualTo(moment);
        _cache.Mutations.Add(Tree.Instances[2].Id, deleted: true);
        _cache.Tracker.ResourceDeleted(Tree.Instances[2], _cache.Now);

        _cache.Get(_study).Text.Should().Be(Truth(_study));
    }

    [Fact]
    public void Regression_children_that_were_read_in_the_second_of_a_change_are_read_once_more()
    {
        _cache.Delete(2);
        _cache.Upload(0);
        _cache.Get(_study);
        _cache.Delete(3);
        _cache.Get(_study); // asks for the children
        _cache.Upload(2); // in the same second, so LastUpdate does not tell
        _cache.Time.AdvanceSeconds(5);
        _cache.Get(_study);
        _cache.Delete(2);

        _cache.Get(_study).Text.Should().Be(Truth(_study));
    }

    private string Truth(string target)
    {
        using var response = _cache.Ask(target);
        return System.Text.Encoding.UTF8.GetString(response.Body);
    }
}

using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Tests.Fakes;
using OrthancCachePlugin.Tests.WarmUp;
using Xunit;

namespace OrthancCachePlugin.Tests.Administration;

/// <summary>Nobody is told that something was removed which may come back, or that nothing is cached which nobody has looked for.</summary>
public sealed class EntriesRouteTests
{
    private readonly ListedStore store = new();
    private readonly EntriesRoute route;

    public EntriesRouteTests()
    {
        var origin = new TextOrigin();
        origin.Responses["/system"] = "{}";
        var tree = new OrthancApi(origin);
        var time = FakeClock.Create();
        var versions = new ResourceVersions(new OrthancApi(origin), new ChangeTracker(), new MutationLog(), time, new VersionSettings { LastUpdateMovesOnDelete = true });
        route = new EntriesRoute(store, new EntryRemover(store, tree, _ => { }), versions, tree, time);
    }

    [Theory]
    [InlineData(HttpMethod.Get, "/studies/{0}")]
    [InlineData(HttpMethod.Delete, "/studies/{0}")]
    [InlineData(HttpMethod.Delete, "")]
    public void While_the_store_recovers_nothing_is_done_and_the_client_is_told_when_to_ask_again(HttpMethod method, string path)
    {
        store.Status = new StoreStatus { State = StoreState.Recovering };

        var response = Ask(method, path);

        response.Status.Should().Be(503);
        response.Headers.Should().Contain(new KeyValuePair<string, string>("Retry-After", "1"));
        Encoding.UTF8.GetString(response.Body.Span).Should().Contain("being opened");
        store.Removed.Should().BeEmpty();
    }

    [Theory]
    [InlineData("/studies/{0}")]
    [InlineData("")]
    public void A_store_that_does_not_work_is_told_to_remove_and_the_client_that_it_is_not_done(string path)
    {
        store.Status = new StoreStatus { State = StoreState.Disabled, Reason = "the disk is full" };

        var response = Ask(HttpMethod.Delete, path);

        response.Status.Should().Be(503);
        Encoding.UTF8.GetString(response.Body.Span).Should().Contain("the disk is full");
        store.Removed.Should().ContainSingle("what cannot be removed one by one takes the rest with it");
        Ask(HttpMethod.Get, "/studies/{0}").Status.Should().Be(503);
    }

    private AdminResponse Ask(HttpMethod method, string path)
    {
        var rest = string.Format(System.Globalization.CultureInfo.InvariantCulture, path, Resources.Id(1));
        return route.Respond(new AdminRequest { Method = method, Path = "/entries" + rest }, rest);
    }
}

using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>Remembers what it was asked to warm, and says what a test wants.</summary>
internal sealed class RecordingWarmer : IWarmer
{
    private readonly List<string> calls = [];

    public Func<Resource, WarmUpRoute, WarmUpOutcome> Respond { get; set; } = (_, _) => WarmUpOutcome.Stored;

    /// <summary>As <c>Study 1 shared-tags</c>.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (calls)
            {
                return [.. calls];
            }
        }
    }

    public WarmUpOutcome Warm(Resource resource, WarmUpRoute route)
    {
        lock (calls)
        {
            calls.Add($"{resource.Level} {resource.Id.Word0} {route.Text}");
        }

        return Respond(resource, route);
    }
}

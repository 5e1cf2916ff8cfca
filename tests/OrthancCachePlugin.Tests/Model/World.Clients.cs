using System.Globalization;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Model;

/// <content>Requests of clients, and what their responses may be.</content>
internal sealed partial class World
{
    private void Get(Step step)
    {
        var target = step.A % Targets.Length;
        var thread = Enumerable.Range(0, Threads).FirstOrDefault(t => _running.TrueForAll(r => r.Thread != (t + step.B) % Threads), -1);
        if (thread < 0 || !_asked.Add(target))
        {
            return;
        }

        thread = (thread + step.B) % Threads;
        var (resource, route) = Targets[target];
        var (header, held) = Condition(step.C, _held.GetValueOrDefault(target) ?? []);
        var path = $"/{System.Text.Encoding.ASCII.GetString(ResourceLevels.PathOf(resource.Level))}/{resource.Id}/{route}";
        var exchange = new FakeExchange(path, header is null ? [] : [header]) { Origin = t => _origin.Get(System.Text.Encoding.UTF8.GetBytes(t)) };

        // The last commit whose response was out before the request came in.
        var bound = _mustShow[target];
        var outer = _origin.Interleave;
        var inside = new Queue<(int Calls, Step Step)>(step.Inside);
        var calls = 0;
        _origin.Interleave = () =>
        {
            calls++;
            while (inside.TryPeek(out var next) && next.Calls <= calls)
            {
                calls = 0;
                inside.Dequeue();
                Do(next.Step);
            }
        };
        _process.Request(thread, MutationScope.None, null);
        _process.Cache.Serve(exchange);
        _origin.Interleave = outer;
        _asked.Remove(target);
        Compare(exchange, target, bound, held, header);
    }

    private void Compare(FakeExchange exchange, int target, int bound, HeldResponse? held, string? header)
    {
        var (resource, route) = Targets[target];
        var body = exchange.Status == 304 ? held!.Body : exchange.Text;
        var fresh = Enumerable.Range(bound, _origin.Last - bound + 1).Select(i => _origin.At(i).Respond(resource, route)).ToList();
        _journal?.Add($"    {exchange.Status} {body} ETag {exchange["ETag"]} Last-Modified {exchange["Last-Modified"]} {exchange["Cache-Status"]} for {header}");
        if (!fresh.Contains(body))
        {
            throw Broken($"{exchange.Status} for {route} means \"{body}\", which is not of commits {bound} to {_origin.Last}: {string.Join(" | ", fresh)}");
        }

        if (exchange.Status == 200)
        {
            if (!_held.TryGetValue(target, out var responses))
            {
                _held[target] = responses = [];
            }

            responses.Add(new HeldResponse(body!, exchange["ETag"], exchange["Last-Modified"], exchange["Date"]!));
        }
    }

    /// <summary>Any response that was ever given may come back as a condition.</summary>
    private static (string? Header, HeldResponse? Held) Condition(int choice, List<HeldResponse> responses)
    {
        if (choice % 4 == 0 || responses.Count == 0)
        {
            return (null, null);
        }

        // Mostly the last one: that is what clients do.
        var held = choice % 3 == 0 ? responses[choice / 12 % responses.Count] : responses[^1];
        return held switch
        {
            { Tag: not null } when choice % 2 == 1 || held.LastModified is null => ($"If-None-Match: {held.Tag}", held),
            { LastModified: not null } => ($"If-Modified-Since: {held.LastModified}", held),

            // RFC 9110 section 13.1.3: without validators, the Date may be used.
            _ => ($"If-Modified-Since: {held.Date}", held),
        };
    }
}

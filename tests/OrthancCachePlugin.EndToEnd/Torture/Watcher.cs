using System.Text.Json.Nodes;
using OrthancCachePlugin.EndToEnd.Comparison;

namespace OrthancCachePlugin.EndToEnd.Torture;

/// <summary>
/// A client with a long memory: asks our server for targets, with and without every validator that it was ever given, and judges by the
/// bare server, whose response is the truth.
/// </summary>
/// <remarks>
/// The questions to our server come first and in random order, so that each of them is sometimes the first after a mutation. Nothing
/// changes meanwhile, so the bare server can be asked afterwards. A 304 is right only where the body that came with the validator is
/// what a 200 would carry now.
/// </remarks>
/// <param name="servers">Ours, and the one that knows.</param>
/// <param name="random">Where order and choice come from.</param>
/// <param name="coreMayRemember">
/// Routes where Orthanc's own core, without any plugin, may answer with what another server has overwritten or deleted.
/// </param>
internal sealed class Watcher(TwoServers servers, Random random, Func<Target, bool>? coreMayRemember = null)
{
    private const int TagsToRemember = 12;
    private const int SingleTagsToTry = 2;
    private const int DatesToTry = 2;
    private readonly Dictionary<Target, List<Handed>> memory = [];

    public Tally Tally { get; } = new();

    /// <summary>Asks and judges.</summary>
    /// <param name="operation">What happened before, for the table.</param>
    /// <param name="targets">What to ask for.</param>
    /// <param name="thorough">True to try every validator by itself, and not some of them.</param>
    public void Check(string operation, IReadOnlyCollection<Target> targets, bool thorough = false)
    {
        var questions = targets.SelectMany(t => Questions(t, thorough)).ToArray();
        random.Shuffle(questions);
        var responses = new List<(Question Question, HttpResponse Respond)>(questions.Length);
        foreach (var question in questions)
        {
            responses.Add((question, servers.Ours.Client.Get(question.Target.Path, question.Target.Headers(question.Headers))));
        }

        var row = Tally.For(operation);
        row.Steps++;
        foreach (var group in responses.GroupBy(a => a.Question.Target))
        {
            var truth = servers.Bare.Client.Get(group.Key.Path, group.Key.Headers());
            var truthBody = ResponseComparison.Comparable(group.Key.Path, truth);
            foreach (var (question, response) in group)
            {
                Judge(operation, row, question, response, truth, truthBody);
            }
        }
    }

    /// <summary>
    /// The same for resources whose identifiers the server drew, so that no second server has them: the truth is what our server's own
    /// core says to a Lua script, which no plugin sees. The script is a POST, so it comes after all questions.
    /// </summary>
    public void CheckByCore(string operation, IReadOnlyCollection<Target> targets)
    {
        var texts = targets.Where(t => t.IsText).ToArray();
        random.Shuffle(texts);
        var responses = texts.Select(t => (Target: t, Respond: servers.Ours.Client.Get(t.Path))).ToList();
        var row = Tally.For(operation);
        foreach (var (target, response) in responses)
        {
            row.Comparisons++;
            var truth = servers.Ours.Client.Post("/tools/execute-script", $"print(RestApiGet('{target.Path}', true))");
            var expected = response.Status == 404 ? "nil" : response.Text.Trim();
            if (truth.Status != 200 || truth.Text.Trim() != expected)
            {
                row.Stale++;
                Tally.Fail($"after {operation}, GET {target} ({response}) is not what the origin says: {truth.Status} {truth.Text.Length} characters");
            }
        }
    }

    private IEnumerable<Question> Questions(Target target, bool thorough)
    {
        yield return new Question(target, [], null);
        if (!memory.TryGetValue(target, out var handed))
        {
            yield break;
        }

        var tags = handed.Where(h => h.ETag is not null).Select(h => h.ETag!).Distinct().ToArray();
        if (tags.Length > 1)
        {
            yield return new Question(target, [("If-None-Match", string.Join(", ", tags))], null);
        }

        foreach (var held in Some(handed.Where(h => h.ETag is not null), thorough ? int.MaxValue : SingleTagsToTry))
        {
            yield return new Question(target, [("If-None-Match", held.ETag!)], held);
        }

        foreach (var held in Some(handed.Where(h => h.LastModified is not null), thorough ? int.MaxValue : DatesToTry))
        {
            yield return new Question(target, [("If-Modified-Since", held.LastModified!)], held);
        }
    }

    /// <summary>The latest, which a client most probably holds, and some others.</summary>
    private IEnumerable<Handed> Some(IEnumerable<Handed> all, int count)
    {
        var array = all.ToArray();
        if (array.Length <= count)
        {
            return array;
        }

        var latest = array[^1];
        random.Shuffle(array);
        return array.Where(h => h != latest).Take(count - 1).Append(latest);
    }

    private void Judge(string operation, Tally.Row row, Question question, HttpResponse response, HttpResponse truth, string truthBody)
    {
        if (question.Headers.Length > 0)
        {
            row.Conditional++;
        }

        if (response.Status == 304)
        {
            row.NotModified++;
            var held = question.Held is { } one ? [one] : memory[question.Target].Where(h => h.ETag is not null && h.ETag == response.ETag).ToArray();
            if (held.Length == 0 || truth.Status != 200 || held.Any(h => h.Body != truthBody))
            {
                row.Wrong++;
                Tally.Fail($"after {operation}, a wrong 304 for GET {question} (the bare server: {truth}; ETag {response.ETag}, Last-Modified {response["Last-Modified"]}, Cache-Status {response.CacheStatus}){Held(held, truthBody)}");
            }

            return;
        }

        row.Comparisons++;
        row.Hits += response.IsHit ? 1 : 0;
        // How an error is worded is the business of other tests; here the question is what is there and what is not.
        var difference = response.Status == truth.Status && truth.Status != 200
            ? null
            : ResponseComparison.Difference(question.Target.Path, ContentCoding.Decode(response), truth) ?? MetadataDifference(question.Target, response);
        if (difference is not null && response is { IsHit: false, ETag: null, LastModified: null } && coreMayRemember?.Invoke(question.Target) == true)
        {
            // The origin's own mistake, and nobody will take it for valid later.
            return;
        }

        if (difference is not null)
        {
            row.Stale++;
            Tally.Fail($"after {operation}, GET {question} ({response}): {difference}");
            return;
        }

        if (response.Status == 200)
        {
            Remember(operation, row, question, new Handed(response.ETag, response["Last-Modified"], truthBody));
        }
    }

    private static string Held(Handed[] held, string truthBody)
    {
        var first = held.FirstOrDefault(h => h.Body != truthBody);
        if (first is null)
        {
            return "; nothing like it is held";
        }

        var at = first.Body.Zip(truthBody).TakeWhile(p => p.First == p.Second).Count();
        return $"; held {held.Length}, {first.ETag}, {first.LastModified}; the body was ...{first.Body.AsSpan(at, Math.Min(60, first.Body.Length - at))}... and is ...{truthBody.AsSpan(at, Math.Min(60, truthBody.Length - at))}...";
    }

    private void Remember(string operation, Tally.Row row, Question question, Handed given)
    {
        if (given is { ETag: null, LastModified: null })
        {
            return;
        }

        if (!memory.TryGetValue(question.Target, out var handed))
        {
            memory[question.Target] = handed = [];
        }

        if (given.ETag is not null && handed.Any(h => h.ETag == given.ETag && h.Body != given.Body))
        {
            row.Wrong++;
            Tally.Fail($"after {operation}, GET {question}: the tag {given.ETag} was given to another body before");
        }

        // The latest is last.
        handed.Remove(given);
        handed.Add(given);
        if (handed.Count > TagsToRemember)
        {
            handed.RemoveAt(0);
        }
    }

    /// <summary>Times of reception differ between the servers, so each value is compared with what our server's own core says.</summary>
    private string? MetadataDifference(Target target, HttpResponse response)
    {
        if (!target.IsMetadataValues || response.Status != 200)
        {
            return null;
        }

        var given = JsonNode.Parse(response.Body)!["ReceptionDate"]?.GetValue<string>();
        var origin = servers.Ours.Client.Get($"/instances/{target.Id}/metadata/ReceptionDate").Text;
        return given == origin ? null : $"ReceptionDate {given} instead of {origin}";
    }

    private sealed record Question(Target Target, (string Name, string Value)[] Headers, Handed? Held)
    {
        public override string ToString() => $"{Target} [{string.Join(", ", Headers.Select(h => $"{h.Name}: {h.Value}"))}]";
    }
}

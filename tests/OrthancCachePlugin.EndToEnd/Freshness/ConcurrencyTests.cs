using System.Globalization;
using System.Text.RegularExpressions;
using OrthancCachePlugin.EndToEnd.Dicom;
using OrthancCachePlugin.EndToEnd.Torture;

namespace OrthancCachePlugin.EndToEnd.Freshness;

/// <summary>
/// Readers against a writer that counts. The writer says what it has begun and what has been acknowledged; a reader that starts after
/// an acknowledgement must see at least that, with and without validators (the rule of a linearizable register).
/// </summary>
public sealed partial class ConcurrencyTests : IDisposable
{
    private const int Writes = 150;
    private const int Readers = 4;
    private static readonly DicomBuilder File = new(1, 1, 1, 1);
    private readonly OrthancServer server = OrthancServer.Start();
    private readonly List<string> failures = [];
    private volatile int begun;
    private volatile int acknowledged;

    public void Dispose() => server.Dispose();

    [Fact]
    public void No_reader_sees_less_than_what_was_acknowledged_before_it_asked()
    {
        Write(0);
        var bodies = 0;
        var threads = Enumerable.Range(0, Readers).Select(n => new Thread(() => Read(new Random(n), ref bodies))).ToList();
        threads.ForEach(t => t.Start());
        for (var write = 1; write <= Writes && server.IsAlive; write++)
        {
            Write(write);
        }

        begun = int.MaxValue;
        threads.ForEach(t => t.Join());

        Comparison.Differences.AssertNone(failures, server);
        bodies.Should().BeGreaterThan(Writes);
        foreach (var target in Targets())
        {
            var response = server.Client.Get(target);
            Count(response.Text).Should().Be(Writes, target);
        }
    }

    private static string[] Targets() =>
    [
        .. Target.Of("patients", OrthancId.Patient(File)).Concat(Target.Of("studies", OrthancId.Study(File))).Concat(Target.Of("series", OrthancId.Series(File)))
            .Where(t => t.Accept is null && t.Path.Contains("tags", StringComparison.Ordinal)).Select(t => t.Path),
        $"/instances/{OrthancId.Instance(File)}/tags", $"/instances/{OrthancId.Instance(File)}/simplified-tags", $"/instances/{OrthancId.Instance(File)}/metadata?expand",
    ];

    /// <summary>The instance is overwritten, and its new metadata says the same number.</summary>
    private void Write(int number)
    {
        begun = number;
        server.Client.Post("/instances", File.Build($"count={number};")).Status.Should().Be(200);
        server.Client.Put($"/instances/{OrthancId.Instance(File)}/metadata/e2e-first", $"count={number};").Status.Should().Be(200);
        acknowledged = number;
    }

    private void Read(Random random, ref int bodies)
    {
        try
        {
            var held = new Dictionary<string, (string Tag, int Count)>(StringComparer.Ordinal);
            while (begun != int.MaxValue)
            {
                var target = Targets()[random.Next(Targets().Length)];
                var floor = acknowledged;
                var condition = random.Next(2) == 0 && held.TryGetValue(target, out var known) ? known : default;
                var response = condition.Tag is null ? server.Client.Get(target) : server.Client.Get(target, ("If-None-Match", condition.Tag));
                var ceiling = begun;
                var count = response.Status == 304 ? condition.Count : Count(response.Text);
                // Between the overwrite and the new metadata there is none; and while the instance is overwritten, it may be gone.
                var mayBeMissing = floor != ceiling;
                if (count is { } seen ? seen < floor || seen > ceiling : !mayBeMissing)
                {
                    Fail($"GET {target}: {response} says {count?.ToString(CultureInfo.InvariantCulture) ?? "nothing"}, but {floor} was acknowledged before (and {ceiling} begun)");
                }

                if (response is { Status: 200, ETag: { } tag } && count is { } held200)
                {
                    held[target] = (tag, held200);
                }

                Interlocked.Increment(ref bodies);
            }
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or InvalidDataException)
        {
            Fail($"a reader ended: {e.Message}");
        }
    }

    private void Fail(string text)
    {
        lock (failures)
        {
            failures.Add(text);
        }
    }

    private static int? Count(string body) => CountPattern().Match(body) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex("count=([0-9]+);")]
    private static partial Regex CountPattern();
}

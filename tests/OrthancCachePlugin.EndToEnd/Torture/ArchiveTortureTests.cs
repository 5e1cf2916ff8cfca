using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using OrthancCachePlugin.EndToEnd.Dicom;
using Xunit.Abstractions;

namespace OrthancCachePlugin.EndToEnd.Torture;

/// <summary>
/// Archives that are downloaded while instances are added, deleted and overwritten. Each is either complete for one state of the resource
/// that it had meanwhile, or noticeably broken; and a 304 is given only for one that is what a 200 would carry.
/// </summary>
/// <remarks>
/// Each patient has one writer, who notes every state with the time from which and up to which it may have been there, and several clients.
/// Contents are told by their checksums. Before 1.12.6 archives go through a buffer, and Orthanc itself leaves out what was deleted
/// meanwhile; such an archive has no validators, and that is all that can be asked for then.
/// </remarks>
[Trait("Category", "Torture")]
public sealed class ArchiveTortureTests(ITestOutputHelper output)
{
    private const double DefaultMinutes = 1.5;
    private const double PartOfMinutes = 1 / 3.0;
    private const int Patients = 2;
    private const int ClientsPerPatient = 3;
    private const int Studies = 2;
    private const int SeriesPerStudy = 2;
    private const int InstancesPerSeries = 5;

    /// <summary>Bytes that do not compress, so that an archive takes a while.</summary>
    private const int Pixels = 200_000;

    /// <summary>A response is trusted two seconds after the change: for an archive with validators there must be quiet for longer.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    private static readonly double Minutes = double.TryParse(
        Environment.GetEnvironmentVariable("ORTHANC_CACHE_TORTURE_MINUTES"), CultureInfo.InvariantCulture, out var wanted) ? wanted : DefaultMinutes;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("ORTHANC_CACHE_SEED"), CultureInfo.InvariantCulture, out var given)
        ? given
        : Environment.TickCount;

    [Fact]
    public async Task No_archive_that_looks_complete_mixes_states_and_none_that_lacks_something_is_confirmed()
    {
        using var ours = OrthancServer.Start(s => s.Name = "ours");
        var isStreaming = ours.IsAtLeast(1, 12, 6);
        ours.AwaitDiskCache();
        var figures = new Figures();
        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(Math.Max(Minutes * PartOfMinutes, 0.3)));
        var tasks = new List<Task>();
        for (var number = 1; number <= Patients; number++)
        {
            var patient = new Patient(ours, number, new Random(Seed + number));
            tasks.Add(Start(() => patient.Write(end.Token)));
            for (var c = 0; c < ClientsPerPatient; c++)
            {
                var client = new ArchiveClient(ours, patient, figures, isStreaming, new Random(Seed + (100 * number) + c));
                tasks.Add(Start(() => client.Run(end.Token)));
            }
        }

        await Task.WhenAll(tasks);
        output.WriteLine($"seed {Seed}: {figures}");
        ours.AssertHealthy();
        Comparison.Differences.AssertNone([.. figures.Failures], ours);

        // A test that never meets one of these would prove nothing.
        figures.Whole.Should().BeGreaterThan(20);
        figures.Confirmed.Should().BeGreaterThan(2);
        (figures.Broken > 2 || !isStreaming).Should().BeTrue("archives are broken off");
    }

    private static Task Start(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>What happened. Thread-safe.</summary>
    private sealed class Figures
    {
        private int whole;
        private int broken;
        private int confirmed;
        private int missing;

        public ConcurrentQueue<string> Failures { get; } = [];

        public int Whole => whole;

        public int Broken => broken;

        public int Confirmed => confirmed;

        public void AddWhole() => Interlocked.Increment(ref whole);

        public void AddBroken() => Interlocked.Increment(ref broken);

        public void AddConfirmed() => Interlocked.Increment(ref confirmed);

        public void AddMissing() => Interlocked.Increment(ref missing);

        public override string ToString() => $"{whole} whole archives, {broken} broken off, {confirmed} confirmed, {missing} of what was deleted; {Failures.Count} wrong";
    }

    /// <summary>Which instances there are, by number, and in which version.</summary>
    /// <param name="Present">Version of each instance that is there.</param>
    /// <param name="From">When it may have begun, as a <see cref="Stopwatch"/> time stamp.</param>
    private sealed record State(IReadOnlyDictionary<int, uint> Present, long From)
    {
        /// <summary>Up to when it may have been there.</summary>
        public long To { get; set; } = long.MaxValue;

        public bool Overlaps(long from, long to) => From <= to && To >= from;
    }

    /// <summary>A patient and the one who changes it.</summary>
    private sealed class Patient
    {
        private readonly OrthancServer server;
        private readonly Random random;
        private readonly Lock gate = new();
        private readonly List<State> states = [new(new Dictionary<int, uint>(), 0)];
        private int uploads;

        public Patient(OrthancServer server, int number, Random random)
        {
            this.server = server;
            this.random = random;
            Files =
            [
                .. from study in Enumerable.Range(1, Studies)
                   from series in Enumerable.Range(1, SeriesPerStudy)
                   from instance in Enumerable.Range(1, InstancesPerSeries)
                   select new DicomBuilder(number, study, series, instance),
            ];
            Resources =
            [
                .. Files.SelectMany(f => new[] { $"/patients/{OrthancId.Patient(f)}", $"/studies/{OrthancId.Study(f)}", $"/series/{OrthancId.Series(f)}" }).Distinct(),
            ];
        }

        public IReadOnlyList<DicomBuilder> Files { get; }

        public IReadOnlyList<string> Resources { get; }

        /// <summary>Which instance a content is, by its checksum, and as which version.</summary>
        public ConcurrentDictionary<uint, int> Contents { get; } = [];

        /// <summary>The states that there may have been in a time, as a resource shows them.</summary>
        public List<IReadOnlyDictionary<int, uint>> During(string resource, long from, long to)
        {
            lock (gate)
            {
                return [.. states.Where(s => s.Overlaps(from, to)).Select(s => s.Present.Where(p => IsBelow(p.Key, resource)).ToDictionary())];
            }
        }

        public void Write(CancellationToken end)
        {
            for (var i = 0; i < Files.Count; i++)
            {
                Upload(i);
            }

            while (!end.IsCancellationRequested)
            {
                // Quiet, so that the archive that is under way then has validators; and a burst.
                end.WaitHandle.WaitOne(Quiet + TimeSpan.FromMilliseconds(random.Next(800)));
                for (var burst = random.Next(1, 12); burst > 0 && !end.IsCancellationRequested; burst--)
                {
                    Mutate();
                    end.WaitHandle.WaitOne(random.Next(3) == 0 ? random.Next(150) : 0);
                }
            }
        }

        private bool IsBelow(int file, string resource) =>
            resource.EndsWith(OrthancId.Patient(Files[file]), StringComparison.Ordinal)
            || resource.EndsWith(OrthancId.Study(Files[file]), StringComparison.Ordinal)
            || resource.EndsWith(OrthancId.Series(Files[file]), StringComparison.Ordinal);

        private void Mutate()
        {
            var file = random.Next(Files.Count);
            var present = states[^1].Present;
            if (random.Next(8) == 0 && Resources[^(1 + random.Next(Studies * SeriesPerStudy))] is var some && present.Keys.Any(k => IsBelow(k, some)))
            {
                // A series, or a study, at once.
                Delete(some, k => IsBelow(k, some));
            }
            else if (present.ContainsKey(file) && random.Next(3) > 0)
            {
                Delete($"/instances/{OrthancId.Instance(Files[file])}", k => k == file);
            }
            else
            {
                Upload(file);
            }
        }

        private void Upload(int file)
        {
            var pixels = new byte[Pixels];
            random.NextBytes(pixels);
            var content = Files[file].BuildWithPixels($"upload {++uploads}", pixels);
            var checksum = Crc32.HashToUInt32(content);
            Contents[checksum] = file;
            Change(
                new Dictionary<int, uint>(states[^1].Present) { [file] = checksum },
                () => server.Client.Post("/instances", content).Status.Should().Be(200));
        }

        private void Delete(string resource, Func<int, bool> isDeleted) =>
            Change(
                states[^1].Present.Where(p => !isDeleted(p.Key)).ToDictionary(),
                () => server.Client.Delete(resource).Status.Should().Be(200));

        private void Change(IReadOnlyDictionary<int, uint> after, Action action)
        {
            lock (gate)
            {
                states.Add(new State(after, Stopwatch.GetTimestamp()));
            }

            action();
            lock (gate)
            {
                states[^2].To = Stopwatch.GetTimestamp();
            }
        }
    }

    /// <summary>An archive that a client has.</summary>
    /// <param name="Files">Version of each instance in it; null for one that is broken.</param>
    /// <param name="ETag">The tag that it came with.</param>
    /// <param name="LastModified">The date that it came with.</param>
    private sealed record Held(IReadOnlyDictionary<int, uint>? Files, string ETag, string? LastModified);

    /// <summary>A client that downloads, and asks again with what it has.</summary>
    private sealed class ArchiveClient(OrthancServer server, Patient patient, Figures figures, bool isStreaming, Random random)
    {
        private const int Remembered = 6;
        private readonly Dictionary<string, List<Held>> all = [];

        public void Run(CancellationToken end)
        {
            while (!end.IsCancellationRequested)
            {
                var resource = patient.Resources[random.Next(patient.Resources.Count)];
                try
                {
                    Ask(resource);
                }
                catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException)
                {
                    figures.AddBroken(); // noticeably
                    server.AssertSurvived();
                }
            }
        }

        private void Ask(string resource)
        {
            if (!all.TryGetValue(resource, out var held))
            {
                all[resource] = held = [];
            }

            var one = held.Count > 0 && random.Next(3) > 0 ? held[random.Next(3) > 0 ? ^1 : random.Next(held.Count)] : null;
            (string Name, string Value)[] condition = one is null ? []
                : one.LastModified is { } date && random.Next(3) == 0 ? [("If-Modified-Since", date)]
                : [("If-None-Match", one.ETag)];
            var from = Stopwatch.GetTimestamp();
            var response = server.Client.Get(resource + "/archive", condition);
            var states = patient.During(resource, from, Stopwatch.GetTimestamp());
            switch (response.Status)
            {
                case 304:
                    figures.AddConfirmed();
                    if (one!.Files is null || !states.Any(s => AreEqual(s, one.Files)))
                    {
                        Fail(resource, response, $"confirmed by {condition[0]}, and it is {(one.Files is null ? "broken" : "another state")}", one.Files, states);
                    }

                    break;
                case 200:
                    Judge(resource, response, states, held);
                    break;
                case 404 when states.Any(s => s.Count == 0):
                    figures.AddMissing();
                    break;
                case >= 500 when !isStreaming || states.Count > 1:
                    figures.AddBroken();
                    break;
                default:
                    Fail(resource, response, "not expected", null, states);
                    break;
            }
        }

        private void Judge(string resource, HttpResponse response, List<IReadOnlyDictionary<int, uint>> states, List<Held> held)
        {
            var files = Read(response.Body);
            if (files is null)
            {
                figures.AddBroken();
                if (states.Count == 1)
                {
                    Fail(resource, response, "broken off, though nothing changed", null, states);
                }
            }
            else
            {
                figures.AddWhole();

                // Which instances there are is that of one state; the content of each is one that it had meanwhile.
                var isOfOneState = states.Any(s => s.Keys.ToHashSet().SetEquals(files.Keys));
                if ((isStreaming && !isOfOneState) || files.Any(f => !states.Any(s => s.TryGetValue(f.Key, out var version) && version == f.Value)))
                {
                    Fail(resource, response, "looks whole, and is of no state", files, states);
                }
            }

            if (response.ETag is { } tag)
            {
                held.Add(new Held(files, tag, response["Last-Modified"]));
                if (held.Count > Remembered)
                {
                    held.RemoveAt(0);
                }
            }
        }

        /// <summary>Version of each instance; null for an archive that is broken.</summary>
        private Dictionary<int, uint>? Read(byte[] body)
        {
            try
            {
                var files = new Dictionary<int, uint>();
                using var zip = new ZipArchive(new MemoryStream(body), ZipArchiveMode.Read);
                foreach (var entry in zip.Entries)
                {
                    var content = new byte[entry.Length];
                    using var stream = entry.Open();
                    stream.ReadExactly(content);
                    var checksum = Crc32.HashToUInt32(content);
                    files.Add(patient.Contents[checksum], checksum);
                }

                return files;
            }
            catch (InvalidDataException)
            {
                return null;
            }
        }

        private static bool AreEqual(IReadOnlyDictionary<int, uint> left, IReadOnlyDictionary<int, uint> right) =>
            left.Count == right.Count && left.All(p => right.TryGetValue(p.Key, out var version) && version == p.Value);

        private void Fail(
            string resource, HttpResponse response, string what, IReadOnlyDictionary<int, uint>? files, List<IReadOnlyDictionary<int, uint>> states) =>
            figures.Failures.Enqueue($"{resource} ({response}, {response.ETag}): {what}; {Text(files)} in {string.Join(" | ", states.Take(12).Select(Text))}");

        private static string Text(IReadOnlyDictionary<int, uint>? files) =>
            files is null ? "nothing" : string.Join(" ", files.OrderBy(f => f.Key).Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key}:{f.Value % 1000}")));
    }
}

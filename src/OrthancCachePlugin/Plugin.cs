using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Archives;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Tags;
using OrthancCachePlugin.Core.Threads;
using OrthancCachePlugin.Core.WarmUp;
using OrthancCachePlugin.Host;

namespace OrthancCachePlugin;

/// <summary>One life of the plugin between Initialize and Finalize: puts the parts together and registers them with Orthanc.</summary>
internal sealed unsafe class Plugin : IDisposable
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How long Finalize takes at most, but for closing the context: Docker kills ten seconds after it has asked Orthanc to stop.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(4);

    /// <summary>How much of it goes to questions to Orthanc, which may hang: the disk cache is closed in the rest.</summary>
    private static readonly TimeSpan FinalizeTimeout = TimeSpan.FromMilliseconds(1500);

    [ThreadStatic]
    private static OrthancExchange? _exchange;

    private readonly OrthancErrors _errors;
    private readonly JobsAtStart _jobsAtStart;
    private readonly LargeStackThreads _threads;
    private readonly IEntryStore _store;
    private readonly bool _hostCompresses;
    private readonly ArchiveMaker? _archives;
    private readonly WarmUpService _warmUp;
    private readonly WarmUpJobs _warmUpJobs;
    private readonly DeletedResources _deleted;
    private readonly CanceledJobs _canceledJobs;
    private readonly OrthancJobs _jobs;
    private readonly Figures _figures;
    private readonly bool _isPrivate;
    private readonly StartSummary _summary;

    private Plugin(OrthancContext context, OrthancLog log, CacheOptions options, HostConfiguration host)
    {
        var time = TimeProvider.System;
        Context = context;
        Log = log;
        _hostCompresses = host.CompressesAnswers;
        _isPrivate = host.AsksForAuthentication;
        _threads = new LargeStackThreads(log, log);
        _errors = new OrthancErrors(context, _threads, host);

        var tracker = new ChangeTracker(options.SharedDatabase);
        var mutations = new MutationLog();
        tracker.Hold();
        var origin = new OrthancOrigin(context);
        Queries = new OrthancApi(origin);
        _jobsAtStart = new JobsAtStart(Queries, tracker, time, log);
        Events = new OrthancEvents(tracker, mutations, time, OnStarted);
        var versions = new ResourceVersions(Queries, tracker, mutations, time, new VersionSettings
        {
            LastUpdateMovesOnDelete = context.Version.IsAtLeast(1, 12, 1),
        });
        var policy = new RequestPolicy(new PolicyOptions
        {
            ExpirationDays = options.ExpirationDays,
            CacheControl = options.CacheControl,
            CacheBinaries = options.CacheBinaries,
            IsPrivate = host.AsksForAuthentication,
            IsShared = options.SharedDatabase,
            HostCompresses = host.CompressesAnswers,
            CanSendEncoded = !host.CompressesAnswers || !context.Version.IsAtLeast(1, 12, 2),
            TokenArguments = [.. PolicyOptions.DefaultTokenArguments, .. host.TokenArguments],
        });
        _store = OpenStore(options, log, time);
        _summary = new StartSummary(_store, Summarize, time);
        var settings = new ServerSettings(
            Queries,
            tracker,
            time,
            Fingerprint(context.VersionText, host.Digest),
            new SettingsFile(options.Directory, "settings", _store),
            later => ThreadPool.UnsafeQueueUserWorkItem(_ => later(), null));
        _archives = context.SupportsStreamAnswers && options.Archives != false
            ? new ArchiveMaker(
                origin,
                new ArchiveNames(isJoined: context.Version.IsAtLeast(1, 12, 11), allowsUtf8: host.NamesArchivesInUtf8),
                skipsUntranscodable: context.Version.IsAtLeast(1, 13, 0),
                new ArchiveGeneration(new SettingsFile(options.Directory, "archives", _store), () => Digest128.Of(Guid.NewGuid().ToByteArray()), time),
                time)
            : null;
        var compressor = new ZstdCompressor();
        var tags = new DerivedTags(origin, versions, _store, compressor, (count, work) => _threads.Run(count, new LargeStackThreads.Work(work)), time);
        var check = new TagsCheck(
            tags,
            origin,
            new SettingsFile(options.Directory, "tags", _store),
            Digest128.Of(System.Text.Encoding.UTF8.GetBytes($"{Exports.Version} {context.VersionText}")),
            _threads.Start,
            time,
            log);
        Cache = new ResponseCache(policy, versions, tracker, settings, _store, compressor, time, log, Completeness.IsKnown, _archives, tags, check);
        Events.Stopped = () => _archives?.Stop();

        var routes = new WarmUpRoutes(options.WarmUpRoutes, options.ExcludedRoutes);
        var warmer = new Warmer(Cache, origin, Queries);
        var gate = new LoadGate(Cache.Counters, time);
        var counters = new WarmUpCounters();
        _warmUp = new WarmUpService(routes, warmer, gate, _store, counters, options.WarmUpThreads, time, log, log);
        Events.WarmUp = options.WarmUp ? _warmUp : null;
        _warmUpJobs = new WarmUpJobs(routes, warmer, Queries, gate, _store, counters, time);
        _jobs = new OrthancJobs(context, Events);
        var remover = new EntryRemover(_store, Queries, Cache.Forget);
        _deleted = new DeletedResources(remover, _store, gate, time, log);
        Events.WarmUpJobs = _warmUpJobs;
        Events.Deletions = _deleted;
        Events.CanceledJobs = _canceledJobs = new CanceledJobs(Queries, tracker, time);

        _figures = new Figures(
            Exports.Version, context.VersionText, options, Cache, _store, Queries, _warmUp, counters, time);
        Admin = new OrthancAdmin(new AdminRoutes(
            _figures,
            new EntriesRoute(_store, remover, versions, Queries, time),
            new WarmRoute(_warmUpJobs, Queries, _jobs),
            new AppRoute(AppFiles.Read())), _threads, namesErrors: !context.Version.IsAtLeast(1, 12, 2));
    }

    public OrthancContext Context { get; }

    public ILog Log { get; }

    public OrthancEvents Events { get; }

    public OrthancApi Queries { get; }

    public ResponseCache Cache { get; }

    public OrthancAdmin Admin { get; }

    /// <summary>Reads the configuration and starts what it asks for.</summary>
    /// <param name="context">Orthanc's services, good until Finalize.</param>
    /// <param name="log">Orthanc's log.</param>
    /// <param name="plugin">The plugin, or null where the configuration disables it or something is wrong.</param>
    /// <returns>What Initialize returns.</returns>
    public static OrthancErrorCode Start(OrthancContext context, OrthancLog log, out Plugin? plugin)
    {
        plugin = null;
        if (!context.IsServed)
        {
            LogMessages.TooOld(log, context.VersionText);
            return OrthancErrorCode.Plugin;
        }

        if (!TryReadConfiguration(context, log, out var options, out var host))
        {
            return OrthancErrorCode.Plugin;
        }

        if (!options.Enable)
        {
            LogMessages.Disabled(log);
            return OrthancErrorCode.Success;
        }

        if (host.IndexPlugin.Length > 0 && !options.SharedDatabase)
        {
            LogMessages.MaybeShared(log, host.IndexPlugin);
        }

        var started = new Plugin(context, log, options, host);
        if (!started.Register(out var what, out var code))
        {
            LogMessages.CannotRegister(log, what, (int)code);
            started.Dispose();
            return code;
        }

        started._warmUp.Start();
        plugin = started;
        return OrthancErrorCode.Success;
    }

    /// <summary>Answers a request of one of our routes.</summary>
    public OrthancErrorCode Serve(RestOutput output, RestRequest request)
    {
        var exchange = _exchange ??= new OrthancExchange();
        exchange.Begin(Context, _errors, _threads, _hostCompresses, output, request);
        Cache.Serve(exchange);
        return HostException.KindOf(exchange.Result) == 0 ? exchange.Result : OrthancErrorCode.InternalError;
    }

    /// <summary>Sets Orthanc's metrics when somebody reads them.</summary>
    public void RefreshMetrics()
    {
        foreach (var metric in Metrics.Read(_figures))
        {
            _ = metric.IsInteger
                ? Context.SetMetricsIntegerValue(metric.Name, (long)metric.Value)
                : Context.SetMetricsValue(metric.Name, (float)metric.Value);
        }
    }

    /// <summary>A job that was there when Orthanc stopped; null where it cannot be read.</summary>
    public NativeJob* RestoreJob(ReadOnlySpan<byte> serialized)
    {
        var job = _warmUpJobs.TryRestore(serialized);
        return job is null ? null : _jobs.Create(job);
    }

    /// <summary>Ends all that runs, within <see cref="StopTimeout"/>; what hangs in Orthanc or in the disk is left behind.</summary>
    public void Stop() => Run("response-cache-stop", Dispose, StopTimeout);

    /// <inheritdoc/>
    public void Dispose()
    {
        _warmUp.Stop();
        _warmUpJobs.Stop();
        _deleted.Stop();
        _archives?.Stop();
        Run("response-cache-questions", EndQuestions, FinalizeTimeout);
        _store.Drain(DrainTimeout);
        _store.Dispose();
        Cache.Dispose();
    }

    /// <summary>Waits for what asks Orthanc, each for some seconds at most.</summary>
    private void EndQuestions()
    {
        _summary.Dispose();
        _warmUp.Dispose();
        _warmUpJobs.Dispose();
        _jobsAtStart.Dispose();
        _deleted.Dispose();
        _canceledJobs.Dispose();
        _figures.Dispose();
        _threads.Dispose();
    }

    /// <summary>Runs something that may not come back on a thread of its own, and waits for it for some time.</summary>
    private void Run(string name, Action action, TimeSpan timeout)
    {
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                LogMessages.Escaped(Log, "Finalize", exception.GetType().Name);
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        thread.Join(timeout);
    }

    /// <summary>Orthanc says that it has started: from now on it answers.</summary>
    private void OnStarted()
    {
        _jobsAtStart.Start();
        _deleted.Start();
        _summary.Begin();
    }

    private bool Register(out string what, out OrthancErrorCode code)
    {
        what = "the change callback";
        code = Context.RegisterOnChangeCallback(&Callbacks.Change);
        if (code == OrthancErrorCode.Success)
        {
            what = "the stored-instance callback";
            code = Context.RegisterOnStoredInstanceCallback(&Callbacks.Stored);
        }

        if (code == OrthancErrorCode.Success)
        {
            what = "the request filter";
            code = Context.RegisterIncomingHttpRequestFilter2(&Callbacks.Filter);
        }

        if (code == OrthancErrorCode.Success)
        {
            what = "the metrics";
            code = Context.RegisterRefreshMetricsCallback(&Callbacks.RefreshMetrics);
        }

        if (code == OrthancErrorCode.Success)
        {
            what = "the jobs";
            code = Context.RegisterJobsUnserializer(&JobCallbacks.Unserialize);
        }

        // The routes after the callbacks that report changes, without which they would answer wrong, and before the administration:
        // Orthanc tries expressions in this order for every request.
        foreach (var pattern in RouteTable.Expressions(Excluded(_figures.Options)))
        {
            if (code == OrthancErrorCode.Success)
            {
                what = "the routes";
                code = Context.RegisterRestCallbackNoLock(pattern, &Callbacks.Rest);
            }
        }

        if (code == OrthancErrorCode.Success)
        {
            what = "the administration";
            code = Context.RegisterRestCallbackNoLock(AdminRoutes.RegularExpression, &Callbacks.Admin);
        }

        Introduce();
        return code == OrthancErrorCode.Success;
    }

    /// <summary>Archives stay Orthanc's, which streams them, where we could only buffer them.</summary>
    private IReadOnlyList<string> Excluded(CacheOptions options) => options.Archives ?? _archives is not null
        ? options.ExcludedRoutes
        : [.. options.ExcludedRoutes, .. RouteTable.Names.Where(n => n.EndsWith("/archive", StringComparison.Ordinal) || n.EndsWith("/media", StringComparison.Ordinal))];

    /// <summary>What Orthanc shows of us. Nothing depends on it, so nothing fails with it.</summary>
    private void Introduce()
    {
        const string Id = "response-cache";
        _ = Context.SetRootUri(Id, AdminRoutes.Prefix + "/app/");
        _ = Context.SetDescription(Id, "Stores responses that are costly to compute on disk, and revalidates them on every use.");
        _ = Context.ExtendOrthancExplorer(Id, AppFiles.ReadExplorerExtension());
    }

    /// <summary>Without a store every request is a miss, and nothing else is wrong.</summary>
    private static IEntryStore OpenStore(CacheOptions options, ILog log, TimeProvider time)
    {
        const long Mebibyte = 1 << 20;
        try
        {
            return new FasterEntryStore(
                new StoreOptions
                {
                    Directory = options.Directory,
                    MaximumBytes = options.MaximumSize * Mebibyte,
                    MemoryBytes = options.MemorySize * Mebibyte,
                    Expiration = TimeSpan.FromDays(options.ExpirationDays),
                },
                log,
                time);
        }
        catch (Exception exception)
        {
            LogMessages.Escaped(log, "the store", exception.GetType().Name);
            return new NoStore(exception.GetType().Name);
        }
    }

    private static bool TryReadConfiguration(
        OrthancContext context,
        ILog log,
        [NotNullWhen(true)] out CacheOptions? options,
        [NotNullWhen(true)] out HostConfiguration? host)
    {
        options = null;
        host = null;
        if (context.GetConfiguration(out var text) != OrthancErrorCode.Success || text is null)
        {
            LogMessages.NoConfiguration(log);
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            var reader = new OptionsReader();
            options = reader.Read(document.RootElement);
            host = HostConfigurationReader.Read(document.RootElement, compressesByDefault: !context.Version.IsAtLeast(1, 12, 2));
            host = host with { Digest = Digest128.Combine(host.Digest, HostFiles.DigestOf(document.RootElement, ConfigurationFolder(context))) };
            foreach (var problem in reader.Problems)
            {
                if (problem.IsError)
                {
                    LogMessages.WrongOption(log, problem.Text);
                }
                else
                {
                    LogMessages.UnknownOption(log, problem.Text);
                }
            }

            return !reader.HasErrors;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            LogMessages.NoConfiguration(log);
            return false;
        }
    }

    /// <summary>Orthanc's paths are relative to the folder of its configuration, or to the current one.</summary>
    private static string ConfigurationFolder(OrthancContext context)
    {
        var current = Directory.GetCurrentDirectory();
        _ = context.GetConfigurationPath(out var path);
        return string.IsNullOrEmpty(path) ? current : Path.Combine(current, Directory.Exists(path) ? path : Path.GetDirectoryName(path) ?? "");
    }

    private static Digest128 Fingerprint(string orthanc, Digest128 configuration)
    {
        Span<byte> bytes = stackalloc byte[Digest128.Size];
        configuration.CopyTo(bytes);
        return Digest128.Of([.. System.Text.Encoding.UTF8.GetBytes(orthanc), 0, .. bytes]);
    }

    /// <summary>One line of the log: what runs here, and how.</summary>
    private void Summarize(StoreStatus store)
    {
        var options = _figures.Options;
        var found = store.State switch
        {
            StoreState.Working => FormattableString.Invariant($"{store.RecoveredEntries} were there"),
            StoreState.Recovering => "those that were there are still being read",
            _ => "the disk cache does not work",
        };
        var clients = options.CacheControl.Length > 0 ? options.CacheControl : _isPrivate ? "private, no-cache" : "public, no-cache";
        var archives = _archives is not null ? "streamed by the plugin"
            : options.Archives == true ? "buffered by the plugin"
            : options.Archives == false ? "Orthanc's own"
            : "Orthanc's own, for plugins can stream only since 1.12.6";
        var policy = $"binaries are {(options.CacheBinaries ? "" : "not ")}stored, archives are {archives}, warm-up is {(options.WarmUp ? "on" : "off")}, clients are told \"{clients}\"";
        LogMessages.Started(Log, Exports.Version, options.Directory, options.MaximumSize, options.ExpirationDays, found, policy);
    }
}

/// <summary>Logs the one line of the start as soon as it is known what the disk cache held already, or that it does not work.</summary>
internal sealed class StartSummary(IEntryStore store, Action<StoreStatus> say, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Longer than a recovery may take.</summary>
    private const int MaximumAttempts = 900;

    private readonly Lock _lock = new();
    private ITimer? _timer;
    private int _attempts;
    private bool _isOver;

    public void Begin()
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                _timer ??= time.CreateTimer(_ => Try(), null, TimeSpan.Zero, Interval);
            }
        }
    }

    /// <summary>No service may be called after Finalize.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            End();
        }
    }

    private void Try()
    {
        try
        {
            lock (_lock)
            {
                try
                {
                    var status = store.GetStatus();
                    if (!_isOver && (status.State != StoreState.Recovering || ++_attempts >= MaximumAttempts))
                    {
                        End();
                        say(status);
                    }
                }
                catch (Exception)
                {
                    End(); // a line less: what left the timer's thread would end the process
                }
            }
        }
        catch (Exception)
        {
            // nor may the lock itself
        }
    }

    private void End()
    {
        _isOver = true;
        _timer?.Dispose();
    }
}

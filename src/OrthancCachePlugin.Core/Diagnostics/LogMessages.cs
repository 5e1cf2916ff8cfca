using System.Globalization;

namespace OrthancCachePlugin.Core.Diagnostics;

/// <summary>Every log line with its number, which never changes its meaning: 100 life cycle, 200 configuration, 300 store, 400 serving, 600 warm-up
/// and administration. No line has a body, a tag value, a query, a header or an identifier of a resource.</summary>
public static class LogMessages
{
    private const string Prefix = "Response cache [";

    private static void Write(ILog log, LogLevel level, int number, string text) =>
        log.Write(level, number, string.Concat(Prefix, number.ToString(CultureInfo.InvariantCulture), "]: ", text));

    public static void Started(ILog log, string version, string directory, int maximumMebibytes, int days, string entries, string policy) =>
        Write(log, LogLevel.Warning, 100, string.Create(
            CultureInfo.InvariantCulture,
            $"version {version} stores responses in {directory}, at most {maximumMebibytes} MiB, for {days} days; {entries}; {policy}"));

    public static void Disabled(ILog log) => Write(log, LogLevel.Warning, 101, "disabled by the configuration");

    public static void TooOld(ILog log, string orthanc) =>
        Write(log, LogLevel.Error, 102, $"Orthanc {orthanc} is too old: 1.10.0 or later is needed, the plugin is not started");

    public static void CannotRegister(ILog log, string what, int code) =>
        Write(log, LogLevel.Error, 103, string.Create(
            CultureInfo.InvariantCulture, $"Orthanc refused to register {what} (error {code}), the plugin is not started"));

    public static void Escaped(ILog log, string where, string exception) =>
        Write(log, LogLevel.Error, 104, $"an error in {where} was contained ({exception}); Orthanc goes on without it");

    public static void ThreadStillBusy(ILog log) =>
        Write(log, LogLevel.Warning, 105, "a request was still running when the plugin was stopped");

    public static void RemovalStillBusy(ILog log) =>
        Write(log, LogLevel.Warning, 106, "entries of deleted resources were still being removed when the plugin was stopped; the rest follows after the next start");

    public static void WrongOption(ILog log, string problem) =>
        Write(log, LogLevel.Error, 200, $"{problem}; the plugin is not started");

    public static void UnknownOption(ILog log, string problem) => Write(log, LogLevel.Warning, 201, problem);

    public static void NoConfiguration(ILog log) =>
        Write(log, LogLevel.Error, 202, "Orthanc's configuration could not be read; the plugin is not started");

    public static void MaybeShared(ILog log, string plugin) =>
        Write(log, LogLevel.Warning, 203, $"the index is in {plugin}: if other Orthancs write to the same database, set \"SharedDatabase\" to true");

    public static void StoreIsReady(ILog log, long entries, long maximumBytes) =>
        Write(log, LogLevel.Info, 300, FormattableString.Invariant($"the disk cache is open with {entries} entries; it takes up to {maximumBytes >> 20} MiB"));

    public static void StoreIsDisabled(ILog log, string reason) =>
        Write(log, LogLevel.Warning, 301, $"the disk cache does not work and is tried again: {reason}. Requests are answered without it");

    public static void BeginsEmpty(ILog log, string reason) =>
        Write(log, LogLevel.Warning, 302, $"the disk cache begins empty because {reason}");

    public static void RecoveryWasInterrupted(ILog log) =>
        Write(log, LogLevel.Warning, 303, "the disk cache begins empty because its last recovery did not end");

    public static void DamageFound(ILog log, long blocks) =>
        Write(log, LogLevel.Warning, 304, FormattableString.Invariant($"parts of the disk cache were damaged ({blocks} places) and are left out"));

    public static void EntryIsDamaged(ILog log) =>
        Write(log, LogLevel.Warning, 308, "an entry of the disk cache was damaged and was computed again; further ones are only counted");

    public static void DirectoryIsShared(ILog log) =>
        Write(log, LogLevel.Warning, 305, "the directory of the disk cache holds other files and can be read by others; the files of the cache cannot");

    public static void DiskIsNearlyFull(ILog log) =>
        Write(log, LogLevel.Warning, 306, "the disk is nearly full: the disk cache stays below its configured size");

    public static void CloseWasNotClean(ILog log) =>
        Write(log, LogLevel.Warning, 307, "the disk cache could not be closed properly");

    public static void ServingFailed(ILog log, string exception) =>
        Write(log, LogLevel.Error, 400, $"a request could not be served from the cache ({exception}); Orthanc answers such requests itself");

    public static void TagsDiffer(ILog log, string route) =>
        Write(log, LogLevel.Error, 401, $"{route} was not made as Orthanc makes it: tags are left to Orthanc from now on. Please report both versions");

    public static void TagsAreLeft(ILog log) =>
        Write(log, LogLevel.Warning, 402, "tags are left to Orthanc: a difference was found under the same versions before (see error 401)");

    /// <summary>Logged once.</summary>
    public static void WarmUpFailed(ILog log, string exception) =>
        Write(log, LogLevel.Warning, 600, $"a resource could not be warmed ({exception}); it is computed when it is asked for");

    /// <summary>Logged once for each kind of exception.</summary>
    public static void RemovalFailed(ILog log, string exception) =>
        Write(log, LogLevel.Error, 601, $"entries of deleted resources could not be removed ({exception}); this is tried again, and none of them is served");
}

/// <summary>Where <see cref="LogMessages"/> go. Implementations are thread-safe and never throw.</summary>
public interface ILog
{
    void Write(LogLevel level, int number, string line);
}

/// <summary>The levels of Orthanc's plugin SDK.</summary>
public enum LogLevel
{
    /// <summary>Seen with <c>--verbose</c> only.</summary>
    Info,

    Warning, // seen by default

    Error, // somebody must act
}

/// <summary>The name of the calling thread in Orthanc's log. Never throws.</summary>
public interface IThreadNames
{
    void Enter(string name);

    void Leave();
}

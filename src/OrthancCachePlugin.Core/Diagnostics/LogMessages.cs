using System.Globalization;

namespace OrthancCachePlugin.Core.Diagnostics;

/// <summary>
/// Every line that we log, with its number. Numbers never change their meaning; tests assert them.
/// 100 life cycle · 200 configuration · 300 store · 400 serving · 500 events · 600 warm-up and administration.
/// </summary>
/// <remarks>
/// Nothing of a patient goes in here: no body, no tag value, no query string, no header. Identifiers of resources are hashes and are
/// left out all the same.
/// </remarks>
public static class LogMessages
{
    private const string Prefix = "Response cache [";

    private static void Write(ILog log, LogLevel level, int number, string text) =>
        log.Write(level, number, string.Concat(Prefix, number.ToString(CultureInfo.InvariantCulture), "]: ", text));

    // --- 1xx: life cycle -------------------------------------------------------------------------------------------------------

    /// <summary>100: the one summary, once Orthanc has started.</summary>
    /// <param name="log">The log.</param>
    /// <param name="version">Of the plugin.</param>
    /// <param name="directory">Of the disk cache.</param>
    /// <param name="maximumMebibytes">Its cap.</param>
    /// <param name="days">How long a response is kept.</param>
    /// <param name="held">What it held already, in words.</param>
    /// <param name="policy">What is kept and what clients are told, in words.</param>
    public static void Started(ILog log, string version, string directory, int maximumMebibytes, int days, string held, string policy) =>
        Write(log, LogLevel.Warning, 100, string.Create(
            CultureInfo.InvariantCulture,
            $"version {version} keeps answers in {directory}, at most {maximumMebibytes} MiB, for {days} days; {held}; {policy}"));

    /// <summary>101: the configuration says so.</summary>
    public static void Disabled(ILog log) => Write(log, LogLevel.Warning, 101, "disabled by the configuration");

    /// <summary>102: older than what we know to be right.</summary>
    public static void TooOld(ILog log, string orthanc) =>
        Write(log, LogLevel.Error, 102, $"Orthanc {orthanc} is too old: 1.10.0 or later is needed, the plugin is not started");

    /// <summary>103: Orthanc did not let us register something that we cannot be right without.</summary>
    public static void CannotRegister(ILog log, string what, int code) =>
        Write(log, LogLevel.Error, 103, string.Create(
            CultureInfo.InvariantCulture, $"Orthanc refused to register {what} (error {code}), the plugin is not started"));

    /// <summary>104: an exception reached the boundary to C and was stopped there.</summary>
    public static void Escaped(ILog log, string where, string exception) =>
        Write(log, LogLevel.Error, 104, $"an error in {where} was contained ({exception}); Orthanc goes on without it");

    /// <summary>105: a request did not end in time while the plugin was being finalized.</summary>
    public static void ThreadStillBusy(ILog log) =>
        Write(log, LogLevel.Warning, 105, "a request was still running when the plugin was stopped");

    /// <summary>106: the disk was being written again for deleted resources while the plugin was being finalized.</summary>
    public static void RemovalStillBusy(ILog log) =>
        Write(log, LogLevel.Warning, 106, "what is held of deleted resources was still being removed when the plugin was stopped; the rest follows after the next start");

    // --- 2xx: configuration ----------------------------------------------------------------------------------------------------

    /// <summary>200: a value that cannot be used.</summary>
    public static void WrongOption(ILog log, string problem) =>
        Write(log, LogLevel.Error, 200, $"{problem}; the plugin is not started");

    /// <summary>201: a name that is no option.</summary>
    public static void UnknownOption(ILog log, string problem) => Write(log, LogLevel.Warning, 201, problem);

    /// <summary>202: the configuration could not be had or read at all.</summary>
    public static void NoConfiguration(ILog log) =>
        Write(log, LogLevel.Error, 202, "Orthanc's configuration could not be read; the plugin is not started");

    /// <summary>203: other servers may write to the database without our hearing of it.</summary>
    public static void MaybeShared(ILog log, string plugin) =>
        Write(log, LogLevel.Warning, 203, $"the index is held by {plugin}: if other Orthancs write to the same database, set \"SharedDatabase\" to true");

    // --- 3xx: store ------------------------------------------------------------------------------------------------------------

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


    // --- 4xx: serving ----------------------------------------------------------------------------------------------------------

    /// <summary>400: something of ours threw; the origin answers as if we were not there.</summary>
    public static void ServingFailed(ILog log, string exception) =>
        Write(log, LogLevel.Error, 400, $"a request could not be served from the cache ({exception}); Orthanc answers such requests itself");

    // --- 5xx: events -----------------------------------------------------------------------------------------------------------

    // --- 6xx: warm-up and administration ---------------------------------------------------------------------------------------

    /// <summary>600: said once.</summary>
    public static void WarmUpFailed(ILog log, string exception) =>
        Write(log, LogLevel.Warning, 600, $"a resource could not be warmed ({exception}); it is computed when it is asked for");

    /// <summary>601: said once for each kind of exception.</summary>
    public static void RemovalFailed(ILog log, string exception) =>
        Write(log, LogLevel.Error, 601, $"what is held of resources that were deleted could not be removed ({exception}) and is tried again; nobody is served it");
}

/// <summary>
/// Where log lines go: Orthanc's own log in the plugin, a list in tests.
/// </summary>
/// <remarks>
/// Implementations are thread-safe and never throw. Lines are written through <see cref="LogMessages"/> only, so that each has a
/// number and none of them holds a body, a tag, a query or a name of a patient.
/// </remarks>
public interface ILog
{
    /// <summary>Writes one line.</summary>
    /// <param name="level">How much it matters to whoever runs the server.</param>
    /// <param name="number">The number of the message, which the line names, too.</param>
    /// <param name="line">The line, without a line end.</param>
    void Write(LogLevel level, int number, string line);
}

/// <summary>The three levels that Orthanc's plugin SDK has.</summary>
public enum LogLevel
{
    /// <summary>Seen with <c>--verbose</c> only.</summary>
    Info,

    /// <summary>Seen by default: start-up lines and what needs an eye.</summary>
    Warning,

    /// <summary>Something does not work and somebody must act.</summary>
    Error,
}

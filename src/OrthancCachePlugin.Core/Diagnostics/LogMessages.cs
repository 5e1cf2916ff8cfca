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
        log.Write(level, string.Concat(Prefix, number.ToString(System.Globalization.CultureInfo.InvariantCulture), "]: ", text));

    // --- 1xx: life cycle -------------------------------------------------------------------------------------------------------

    // --- 2xx: configuration ----------------------------------------------------------------------------------------------------

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

    // --- 5xx: events -----------------------------------------------------------------------------------------------------------

    // --- 6xx: warm-up and administration ---------------------------------------------------------------------------------------
}

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

    // --- 4xx: serving ----------------------------------------------------------------------------------------------------------

    // --- 5xx: events -----------------------------------------------------------------------------------------------------------

    // --- 6xx: warm-up and administration ---------------------------------------------------------------------------------------
}

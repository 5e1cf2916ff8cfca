namespace OrthancCachePlugin.Core.Diagnostics;

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

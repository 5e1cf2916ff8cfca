using System.Diagnostics;
using System.Globalization;

namespace OrthancCachePlugin.EndToEnd.Dicom;

/// <summary>DICOM without HTTP: dcmtk's command line clients.</summary>
/// <param name="directory">Where files may lie for a moment.</param>
internal sealed class DicomTools(string directory)
{
    /// <summary>C-STORE. Returns when the server has accepted it.</summary>
    public void Store(OrthancServer server, byte[] file)
    {
        var path = Path.Combine(directory, $"store-{Environment.CurrentManagedThreadId}.dcm");
        File.WriteAllBytes(path, file);
        Run("storescu", "-aet", "E2E", "-aec", server.AeTitle, "127.0.0.1", Port(server), path);
    }

    /// <summary>C-MOVE of a study from the server to itself, so that nothing comes in by HTTP. Returns when the server says that it is done.</summary>
    public void MoveToItself(OrthancServer server, string studyUid) =>
        Run("movescu", "-aet", "E2E", "-aec", server.AeTitle, "-aem", server.AeTitle, "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={studyUid}", "127.0.0.1", Port(server));

    private static string Port(OrthancServer server) => server.DicomPort.ToString(CultureInfo.InvariantCulture);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors}{output.Result}");
        }
    }
}

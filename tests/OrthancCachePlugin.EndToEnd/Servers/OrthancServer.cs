using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace OrthancCachePlugin.EndToEnd.Servers;

/// <summary>
/// The real Orthanc in a temporary directory, on free ports of 127.0.0.1. Stopped by its own process id, and then asked whether it
/// lived well: an end that nobody asked for, an exit code other than 0 and signs of a crash in the log are failures of the test.
/// </summary>
public sealed partial class OrthancServer : IDisposable
{
    private const int Terminate = 15;
    private const int KillSignal = 9;
    private static readonly string[] CrashSigns =
        ["Segmentation fault", "terminate called", "Unhandled exception", "Unhandled Exception", "Fatal error", "stack smashing", "double free", "corrupted"];

    private readonly TestDirectory directory;
    private readonly OrthancSettings settings;
    private Process? process;
    private bool mayDie;
    private string[]? firstDeath;

    private OrthancServer(OrthancSettings settings)
    {
        this.settings = settings;
        directory = new TestDirectory(settings.Name);
        HttpPort = Ports.Free();
        DicomPort = Ports.Free();
        Client = new OrthancClient(HttpPort);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Signal(KillSignal);
    }

    public int HttpPort { get; }

    public int DicomPort { get; }

    public string AeTitle { get; } = "ORTHANC";

    public OrthancClient Client { get; }

    /// <summary>The directory of this server, as the tests see it.</summary>
    public string Home => directory.Full;

    /// <summary>The cache's directory as the tests see it.</summary>
    public string CacheDirectory => Repository.Chroot + CacheDirectoryInside;

    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    public bool IsAlive => process is { HasExited: false };

    /// <summary>The exit code, once it has ended.</summary>
    public int? ExitCode => process is { HasExited: true } ? process.ExitCode : null;

    private string CacheDirectoryInside => settings.CacheDirectory ?? directory.Inside + "/cache";

    private string LogFile => Path.Combine(directory.Full, "log");

    /// <summary>Starts a server and waits until it answers.</summary>
    public static OrthancServer Start(Action<OrthancSettings>? configure = null)
    {
        var server = Create(configure);
        server.StartProcess();
        return server;
    }

    /// <summary>Prepares a server that is not started, so that a test can arrange its directories.</summary>
    public static OrthancServer Create(Action<OrthancSettings>? configure = null)
    {
        var chosen = new OrthancSettings();
        configure?.Invoke(chosen);
        return new OrthancServer(chosen);
    }

    /// <summary>Starts the process and waits until it answers.</summary>
    public void StartProcess()
    {
        Launch();
        Until.True("Orthanc answers", () => !IsAlive || Answers());
        if (!IsAlive)
        {
            throw new Xunit.Sdk.XunitException($"Orthanc ended while it started, with exit code {ExitCode}:\n{Log}");
        }
    }

    /// <summary>Starts the process where it is expected to give up, waits for that, and returns its log.</summary>
    public string StartAndExpectEnd()
    {
        mayDie = true;
        Launch();
        Until.True("Orthanc gives up", () => !IsAlive);
        return Log;
    }

    /// <summary>Stops, changes the settings if asked to, and starts again on the same directories and ports.</summary>
    public void Restart(Action<OrthancSettings>? change = null)
    {
        Stop();
        change?.Invoke(settings);
        StartProcess();
    }

    /// <summary>
    /// <c>POST /tools/reset</c>: plugins are finalized and initialized again in the same process. Returns when that is over; until then
    /// the old server may answer still, and a signal would be lost.
    /// </summary>
    public void Reset()
    {
        var starts = Starts();
        Client.Post("/tools/reset", "");
        Until.True("Orthanc has started again", () => !IsAlive || (Starts() > starts && Answers()));
        AssertHealthy();
    }

    /// <summary>Stops the process and asserts that it lived well until then.</summary>
    public void Stop()
    {
        if (process is null)
        {
            return;
        }

        AssertHealthy();

        // Orthanc listens for the signal a moment after it says that it has started; before, the signal just ends it.
        Until.True("Orthanc listens for the signal that stops it", () => !IsAlive || CaughtSignals.Contain(process.Id, Terminate));
        Signal(Terminate);
        if (!process.WaitForExit(TimeSpan.FromSeconds(60)))
        {
            Signal(KillSignal);
            throw new Xunit.Sdk.XunitException($"Orthanc did not stop. {directory.Full}:\n{Tail()}");
        }

        var exitCode = process.ExitCode;
        process.Dispose();
        process = null;
        if (exitCode != 0)
        {
            throw new Xunit.Sdk.XunitException($"Orthanc stopped with exit code {exitCode}. {directory.Full}:\n{Tail()}");
        }
    }

    /// <summary>Ends the process at once, as a power cut would.</summary>
    public void Kill()
    {
        Signal(KillSignal);
        process!.WaitForExit();
        process.Dispose();
        process = null;
    }

    /// <summary>Asserts, after a connection broke, that it was not because the process is dying.</summary>
    public void AssertSurvived()
    {
        process?.WaitForExit(TimeSpan.FromSeconds(2));
        AssertHealthy();
    }

    /// <summary>Asserts that the process lives and that its log shows no crash.</summary>
    public void AssertHealthy()
    {
        if (!IsAlive && !mayDie)
        {
            throw new Xunit.Sdk.XunitException($"Orthanc died with exit code {ExitCode}. {directory.Full}:\n{Tail()}\nThe last requests:\n{string.Join('\n', firstDeath ??= [.. Client.Recent])}");
        }

        var log = Log;

        foreach (var sign in CrashSigns)
        {
            log.Should().NotContain(sign, $"that is the sign of a crash ({directory.Full})");
        }
    }

    public void Dispose()
    {
        try
        {
            if (mayDie && !IsAlive)
            {
                process?.Dispose();
                process = null;
            }
            else
            {
                Stop();
            }
        }
        finally
        {
            Client.Dispose();
            directory.Dispose();
        }
    }

    /// <summary>Bytes of memory that the process has now, or had at most.</summary>
    public long ResidentBytes(bool peak)
    {
        var name = peak ? "VmHWM:" : "VmRSS:";
        var line = File.ReadLines($"/proc/{process!.Id}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>Whether the server is of that version or a later one.</summary>
    public bool IsAtLeast(int major, int minor, int build) =>
        !Version.TryParse(Client.GetJson("/system")["Version"]!.GetValue<string>(), out var version) || version >= new Version(major, minor, build);

    /// <summary>True where the server answers a request at all.</summary>
    public bool Answers()
    {
        try
        {
            return Client.Get("/system").Status is 200 or 401 or 403;
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or IOException)
        {
            return false;
        }
    }

    private int Starts() => Log.Split("Orthanc has started").Length;

    private string Tail() => string.Join('\n', Log.Split('\n').TakeLast(12));

    private void Launch()
    {
        var library = settings.WithCache && !Repository.SelfTest ? InstallLibrary() : null;
        File.WriteAllText(Path.Combine(directory.Full, "orthanc.json"), OrthancConfiguration.Build(settings, this, directory.Inside, CacheDirectoryInside, library).ToJsonString());
        if (settings.Lua is { } lua)
        {
            File.WriteAllText(Path.Combine(directory.Full, "script.lua"), lua);
        }

        if (settings.User is { } user)
        {
            using var chown = Process.Start("chown", ["-R", user, directory.Full])!;
            chown.WaitForExit();
        }

        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = directory.Full };
        // The shell becomes Orthanc, so the process id is Orthanc's.
        foreach (var argument in (string[])["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", LogFile, .. Command()])
        {
            start.ArgumentList.Add(argument);
        }

        if (Repository.Chroot != "")
        {
            start.Environment.Remove("TMPDIR"); // names a directory of this system, and Orthanc writes media there
        }

        process = Process.Start(start)!;
    }

    private IEnumerable<string> Command()
    {
        if (Repository.Chroot != "")
        {
            yield return "chroot";
            if (settings.User is { } inside)
            {
                yield return $"--userspec={inside}";
            }

            yield return Repository.Chroot;
        }
        else if (settings.User is { } user)
        {
            foreach (var word in (string[])["setpriv", $"--reuid={user}", "--regid=nogroup", "--clear-groups", "--"])
            {
                yield return word;
            }
        }

        yield return Environment.GetEnvironmentVariable("ORTHANC_CACHE_ORTHANC") ?? "Orthanc";
        yield return directory.Inside + "/orthanc.json";
    }

    /// <summary>The library where Orthanc can reach it: in a chroot, and for another user, that is a copy.</summary>
    private string InstallLibrary()
    {
        var copy = Path.Combine(directory.Full, Path.GetFileName(Repository.Library));
        File.Delete(copy);
        File.Copy(Repository.Library, copy);
        return directory.Inside + "/" + Path.GetFileName(copy);
    }

    private void Signal(int signal)
    {
        if (process is { HasExited: false } running && KillProcess(running.Id, signal) != 0)
        {
            throw new InvalidOperationException($"kill failed: {Marshal.GetLastPInvokeErrorMessage().ToString(CultureInfo.InvariantCulture)}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillProcess(int pid, int signal);
}

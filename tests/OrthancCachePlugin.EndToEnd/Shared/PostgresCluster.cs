using System.Diagnostics;
using System.Globalization;

namespace OrthancCachePlugin.EndToEnd.Shared;

/// <summary>
/// A PostgreSQL cluster of its own in a temporary directory: free port of 127.0.0.1, user postgres, no trace afterwards. The system's
/// own clusters are not touched.
/// </summary>
internal sealed class PostgresCluster : IDisposable
{
    public const string Database = "orthanc";
    public const string User = "orthanc";
    private readonly TestDirectory directory = new("postgresql");
    private readonly string binaries;

    public PostgresCluster()
    {
        binaries = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin"
            : throw new DirectoryNotFoundException("PostgreSQL is not there: apt-get install postgresql orthanc-postgresql");
        Port = Ports.Free();
        Run("chown", "postgres", directory.Full);
        AsPostgres("initdb", "-D", Data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        var options = string.Create(CultureInfo.InvariantCulture, $"-h 127.0.0.1 -p {Port} -k {directory.Full} -c fsync=off");
        AsPostgres("pg_ctl", "-D", Data, "-w", "-l", directory.Full + "/log", "-o", options, "start");
        AsPostgres("psql", "-h", directory.Full, "-p", PortText, "-U", "postgres", "-q", "-c", $"CREATE ROLE {User} SUPERUSER LOGIN");
        AsPostgres("createdb", "-h", directory.Full, "-p", PortText, "-U", "postgres", "-O", User, Database);
    }

    public int Port { get; }

    private string PortText => Port.ToString(CultureInfo.InvariantCulture);

    private string Data => directory.Full + "/data";

    public void Dispose()
    {
        AsPostgres("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        directory.Dispose();
    }

    private void AsPostgres(string program, params string[] arguments) =>
        Run("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", $"{binaries}/{program}", .. arguments]);

    private void Run(string program, params string[] arguments)
    {
        // Through a file and not a pipe: the server that pg_ctl leaves behind would hold a pipe open.
        var output = directory.Full + "/output";
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        foreach (var argument in (string[])["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null", "sh", output, program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {File.ReadAllText(output)}");
        }
    }
}

using System.Globalization;

namespace OrthancCachePlugin.EndToEnd.Servers;

/// <summary>
/// A temporary directory that is removed with its owner, unless an assertion has failed in this process: then it stays, for whoever looks
/// for the reason. In a chroot it lies inside, and <see cref="Inside"/> is its name there.
/// </summary>
internal sealed class TestDirectory : IDisposable
{
    private static readonly string Parent = Directory.CreateDirectory(
        $"{Repository.Chroot}/tmp/orthanc-response-cache-e2e.{Environment.ProcessId}").FullName;

    private static int count;
    private static volatile bool failed;

    static TestDirectory()
    {
        File.SetUnixFileMode(Parent, (UnixFileMode)0b111_101_101);
        AppDomain.CurrentDomain.FirstChanceException += (_, e) => failed |= e.Exception is Xunit.Sdk.XunitException or EndOfStreamException;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (!failed)
            {
                Directory.Delete(Parent, recursive: true);
            }
        };
    }

    public TestDirectory(string name)
    {
        Full = Path.Combine(Parent, $"{Interlocked.Increment(ref count).ToString("000", CultureInfo.InvariantCulture)}-{name}");
        Directory.CreateDirectory(Full);
    }

    /// <summary>The path as this process sees it.</summary>
    public string Full { get; }

    /// <summary>The path as a process in the chroot sees it.</summary>
    public string Inside => Full[Repository.Chroot.Length..];

    public void Dispose()
    {
        if (!failed && Directory.Exists(Full))
        {
            Directory.Delete(Full, recursive: true);
        }
    }
}

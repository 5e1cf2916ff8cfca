using System.Diagnostics;
using System.Globalization;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>Looks at a directory again and again and keeps the most that it saw.</summary>
/// <remarks>Allocated sizes come from <c>du</c>, because .NET does not know them; that is slower, so it runs beside.</remarks>
public sealed class DiskPoll : IDisposable
{
    private readonly string directory;
    private readonly List<Thread> threads;
    private volatile bool stopping;

    public DiskPoll(string directory)
    {
        this.directory = directory;
        threads = [new Thread(PollApparent), new Thread(PollAllocated)];
        threads.ForEach(thread => thread.Start());
    }

    /// <summary>The most bytes that the files' lengths added up to.</summary>
    public long Apparent { get; private set; }

    /// <summary>The most bytes that the file system had given to the directory and its files.</summary>
    public long Allocated { get; private set; }

    public long Polls { get; private set; }

    public void Dispose()
    {
        stopping = true;
        threads.ForEach(thread => thread.Join());
    }

    private void PollApparent()
    {
        while (!stopping)
        {
            long sum = 0;
            foreach (var file in new DirectoryInfo(directory).EnumerateFiles())
            {
                try
                {
                    sum += file.Length;
                }
                catch (FileNotFoundException)
                {
                    // evicted between the two looks
                }
            }

            Apparent = Math.Max(Apparent, sum);
            Polls++;
            Thread.Sleep(1);
        }
    }

    private void PollAllocated()
    {
        while (!stopping)
        {
            using var du = Process.Start(new ProcessStartInfo("du", ["-s", "-B1", directory]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            var line = du.StandardOutput.ReadToEnd();
            du.WaitForExit();
            if (long.TryParse(line.Split('\t')[0], CultureInfo.InvariantCulture, out var bytes))
            {
                Allocated = Math.Max(Allocated, bytes);
            }

            Thread.Sleep(20);
        }
    }
}

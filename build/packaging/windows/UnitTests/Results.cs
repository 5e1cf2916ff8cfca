using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace OrthancCachePlugin.UnitTests;

/// <summary>Counts what the tests report. Called from several threads.</summary>
internal sealed class Results : LongLivedMarshalByRefObject, IMessageSink, IDisposable
{
    private readonly ManualResetEventSlim finished = new();
    private int passed;
    private int failed;
    private int skipped;

    public int Passed => passed;

    public int Failed => failed;

    public int Skipped => skipped;

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestStarting test:
                // So that the last line names the culprit, should the process end.
                Console.WriteLine("  " + test.Test.DisplayName);
                break;
            case ITestPassed:
                Interlocked.Increment(ref passed);
                break;
            case ITestSkipped:
                Interlocked.Increment(ref skipped);
                break;
            case ITestFailed test:
                Interlocked.Increment(ref failed);
                Write("FAILED " + test.Test.DisplayName, test);
                break;
            case ITestAssemblyFinished:
                finished.Set();
                break;
            case IFailureInformation failure:
                Interlocked.Increment(ref failed);
                Write("ERROR", failure);
                break;
        }

        return true;
    }

    public void Wait() => finished.Wait();

    public void Dispose() => finished.Dispose();

    private static void Write(string what, IFailureInformation failure) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {string.Join(" <- ", failure.Messages)}\n{failure.StackTraces.FirstOrDefault()}"));
}

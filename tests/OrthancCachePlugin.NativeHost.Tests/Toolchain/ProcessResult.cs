namespace OrthancCachePlugin.NativeHost.Tests.Toolchain;

/// <summary>How a process ended; 128 + n for signal n, as a shell counts.</summary>
internal sealed record ProcessResult(int ExitCode, string Output, string Errors)
{
    public string Everything => $"exit code {ExitCode}\n{Output}\n{Errors}";
}

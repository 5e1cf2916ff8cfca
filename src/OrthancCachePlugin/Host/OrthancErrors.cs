using System.Runtime.InteropServices;
using System.Text;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Threads;

namespace OrthancCachePlugin.Host;

/// <summary>Sends the client the error of the origin where an internal call does not end in a 200, and keeps requests from the origin that would end
/// the server. Thread-safe.</summary>
internal sealed class OrthancErrors
{
    private const uint MaximumBody = 4 << 20; // bytes; the body of a POST that we look at is a few lines of JSON

    private const long MaximumArchives = 256L << 20; // bytes of all archives together that are built in memory

    private const string RetryAfter = "10";

    private static readonly TimeSpan MaximumWait = TimeSpan.FromSeconds(10); // how long an archive waits for others

    private readonly OrthancContext _context;
    private readonly LargeStackThreads _threads;
    private readonly OriginErrors _errors;
    private readonly bool _readsLongIntegers;
    private readonly bool _describesErrors;
    private readonly bool _makesArchivesByTools;
    private readonly MemoryBudget _archives = new(MaximumArchives);

    public OrthancErrors(OrthancContext context, LargeStackThreads threads, HostConfiguration host)
    {
        _context = context;
        _threads = threads;
        _errors = new OriginErrors(context.Version.IsAtLeast, Ask);
        _makesArchivesByTools = context.Version.IsAtLeast(1, 12, 4);
        _readsLongIntegers = context.Version.IsAtLeast(1, 13, 0);
        _describesErrors = host.DescribesErrors;
        ArchivesAreNeverCompressed = host.StreamsArchives && !context.Version.IsAtLeast(1, 12, 2);
    }

    /// <summary>Orthanc streams archives as they are, but before 1.12.2 would compress one that comes in a buffer (HttpOutput::Answer).</summary>
    public bool ArchivesAreNeverCompressed { get; }

    /// <summary>The response to a request that must not reach the origin; null for all others.</summary>
    public OrthancResponse? Reject(RestRequest request, out IDisposable? memory)
    {
        memory = null;
        if (!OriginGuard.Concerns(request.Path))
        {
            return null;
        }

        var read = Read(request);
        var error = OriginGuard.Reject(read, _readsLongIntegers, ExceptionGuard.Works);
        if (error is null && OriginGuard.IsBuiltInMemory(read))
        {
            using var statistics = Get(read.Sibling("statistics"));
            if (statistics.IsSuccess && OriginGuard.TryReadSize(statistics.Body, out var bytes))
            {
                error = bytes > _archives.Total ? OriginGuard.RejectArchive(read, bytes, _archives.Total, _makesArchivesByTools)
                    : (memory = _archives.TryTakeShare(bytes, MaximumWait)) is null ? new OriginError(OriginErrorKind.Busy, 503, RetryAfter)
                    : null;
            }
        }

        return error is null ? null : new OrthancResponse(error.Value);
    }

    /// <summary>Answers, or returns the error from which Orthanc makes its response. Success only where something was sent.</summary>
    /// <param name="isFromClient">Whether the path is written as the HTTP server got it. Lua and other plugins that ask through us get the code: they
    /// do not see a body.</param>
    public OrthancErrorCode Respond(RestOutput output, RestRequest request, OrthancResponse? response, bool isFromClient)
    {
        var read = Read(request);
        var exception = response is null ? 0 : HostException.KindOf(response.Code);
        var error = response is null ? OriginError.OfCode(OriginCode.UnknownResource)
            : response.Error is { } ours ? ours
            : exception != 0 ? OriginErrors.OfException(exception)
            : _errors.Read(read, ReplyOf(response));
        var text = error.Text ?? "";
        switch (error.Kind)
        {
            case OriginErrorKind.Status:
                return output.SendStatusCode(error.Number);
            case OriginErrorKind.MethodNotAllowed:
                return output.SendMethodNotAllowed(text);
            case OriginErrorKind.Redirect:
                return output.Redirect(text);
            case OriginErrorKind.TemporaryRedirect:
                return Send(output, error.Number, "Location"u8, text);
            case OriginErrorKind.Busy:
                return Send(output, error.Number, "Retry-After"u8, text);
        }

        var status = isFromClient ? OriginErrors.StatusOf(error.Number) : 0;
        if (status != 0 && !_describesErrors)
        {
            return output.SendStatusCode(status);
        }

        if (status != 0 && OriginErrors.WriteBody(read, error.Number, error.Text) is { } body)
        {
            return output.SendStatus(status, body);
        }

        _ = text.Length > 0 ? output.SetErrorDetails(text) : OrthancErrorCode.Success;
        return error.Number == OriginCode.Success ? OrthancErrorCode.InternalError : (OrthancErrorCode)error.Number;
    }

    private static OrthancErrorCode Send(RestOutput output, int status, ReadOnlySpan<byte> name, string value)
    {
        var headers = new HeaderBlock();
        headers.Clear(joins: false);
        headers.Add(name, Encoding.Latin1.GetBytes(value));
        return output.SendStatus(status, [], headers);
    }

    private static OriginReply ReplyOf(OrthancResponse response) => new(
        (int)response.Code,
        response.Status,
        response.Headers.Count > 0,
        Encoding.Latin1.GetString(response.Headers.Location),
        Encoding.Latin1.GetString(response.Headers.Allow));

    private static OriginRequest Read(RestRequest request)
    {
        var arguments = new Dictionary<string, string>();
        for (var i = 0; i < request.ArgumentCount; i++)
        {
            arguments[Encoding.Latin1.GetString(request.ArgumentKey(i))] = Encoding.Latin1.GetString(request.ArgumentValue(i));
        }

        string? accept = null;
        for (var i = 0; i < request.HeaderCount; i++)
        {
            if (request.HeaderKey(i).SequenceEqual("accept"u8))
            {
                accept = Encoding.Latin1.GetString(request.HeaderValue(i));
            }
        }

        var method = OrthancEvents.Translate(request.Method);
        return new OriginRequest(Encoding.Latin1.GetString(request.Path))
        {
            Method = method,
            Arguments = arguments,
            Accept = accept,
            Body = method == HttpMethod.Post && request.BodySize <= MaximumBody ? request.Body.ToArray() : default,
        };
    }

    private (int Code, string? Body) Ask(string path)
    {
        using var response = Get(path);
        var code = response.Code != OrthancErrorCode.Success ? (int)response.Code
            : response.Status == 200 ? OriginCode.Success
            : OriginCode.UnknownResource;
        return (code, response.IsSuccess && response.IsReadable ? Encoding.Latin1.GetString(response.Body) : null);
    }

    private OrthancResponse Get(string path)
    {
        var question = new Question(_context, Encoding.Latin1.GetBytes(path));
        _threads.Run(question);
        return question.Response!;
    }

    /// <summary>Asked with room on the stack: it may decode an image.</summary>
#pragma warning disable CA1001 // The response is only on its way from one thread to the other.
    private sealed class Question(OrthancContext context, byte[] path) : LargeStackThreads.IWork
#pragma warning restore CA1001
    {
        public OrthancResponse? Response { get; private set; }

        public void Execute()
        {
            using var headers = new RestApiHeaders(default);
            var code = context.CallRestApi(OrthancHttpMethod.Get, path, headers, default, out var response);
            Response = new OrthancResponse(code, response);
        }
    }
}

/// <summary>Stops C++ exceptions that leave a service of Orthanc, before they reach frames of .NET: that would end the server. The work is done by
/// Native/exception_guard.cpp, which is linked in on Linux; elsewhere services are called as they are.</summary>
internal static unsafe partial class ExceptionGuard
{
#if EXCEPTION_GUARD
    public static bool Works { get; } = GuardWorks() != 0; // whether exceptions are stopped: Orthanc shares its C++ runtime with us

    /// <summary>Sets headers and calls a service, as <see cref="OrthancContext"/> takes it; null where there is no guard.</summary>
    public static delegate*<NativeContext*, NativeRestOutput*, NativeHeader*, int, int, void*, out int, OrthancErrorCode> Call => &Invoke;

    private static OrthancErrorCode Invoke(
        NativeContext* context, NativeRestOutput* output, NativeHeader* headers, int count, int service, void* parameters, out int exception)
    {
        int kind;
        var code = GuardedCall(context->InvokeService, context, output, headers, count, service, parameters, &kind);
        exception = kind;
        return (OrthancErrorCode)code;
    }

    [LibraryImport("exception_guard", EntryPoint = "response_cache_guarded_call")]
    private static partial int GuardedCall(
        void* invoke, void* context, void* output, void* headers, int count, int service, void* parameters, int* kind);

    [LibraryImport("exception_guard", EntryPoint = "response_cache_guard_works")]
    private static partial int GuardWorks();
#else
    public static bool Works => false;

    public static delegate*<NativeContext*, NativeRestOutput*, NativeHeader*, int, int, void*, out int, OrthancErrorCode> Call => null;
#endif
}

using System.Runtime.CompilerServices;
using System.Text;
using OrthancCachePlugin.Bindings.Interop;

// Texts are encoded into buffers on the stack; clearing those first would cost more than filling them.
[module: SkipLocalsInit]

namespace OrthancCachePlugin.Bindings;

/// <summary>C++ exceptions that left a service of Orthanc and were stopped by the guard come as error codes that the SDK does not have.</summary>
public static class HostException
{
    private const int None = -1000;

    public static OrthancErrorCode ToCode(int kind) => (OrthancErrorCode)(None - kind);

    public static int KindOf(OrthancErrorCode code) => (int)code < None ? None - (int)code : 0;
}

/// <summary>The functions of one type of job. Orthanc calls them with the state given to <see cref="OrthancContext.CreateJob"/>: step, stop and reset
/// on the job's thread, the others on any, at the same time. The texts must stay until the next call or the end of the job.</summary>
public unsafe struct JobFunctions
{
    public delegate* unmanaged<void*, void> Finalize;
    public delegate* unmanaged<void*, float> GetProgress;
    public delegate* unmanaged<void*, byte*> GetContent;

    /// <summary>Returns null for a job that does not survive a restart.</summary>
    public delegate* unmanaged<void*, byte*> GetSerialized;
    public delegate* unmanaged<void*, OrthancJobStepStatus> Step;
    public delegate* unmanaged<void*, OrthancJobStopReason, OrthancErrorCode> Stop;
    public delegate* unmanaged<void*, OrthancErrorCode> Reset;
}

/// <summary>The services of the Orthanc that loaded us, as safe calls: no pointer of the SDK leaves them, and each returns a code.</summary>
/// <remarks>
/// <para>Texts are <c>string</c> or UTF-8. Calls are allowed on any thread from Initialize to Finalize: afterwards the context is freed
/// memory. From <see cref="Close"/> on each returns <see cref="OrthancErrorCode.BadSequenceOfCalls"/>.</para>
/// <para>A call that the server is too old for returns <see cref="OrthancErrorCode.NotImplemented"/> without asking it: Orthanc logs an
/// error for every unknown service.</para>
/// <para>Buffers are taken over only on success: a failing CallRestApi leaves the address of a buffer that Orthanc has freed.</para>
/// </remarks>
public sealed unsafe class OrthancContext
{
    private readonly NativeContext* _context;
    private readonly CallGate _gate = new();
    private readonly delegate*<NativeContext*, NativeRestOutput*, NativeHeader*, int, int, void*, out int, OrthancErrorCode> _guard;

    /// <param name="guard">Sets headers of a response (output, headers, their number), calls a service (number, parameters), and says which C++
    /// exception it stopped, 0 for none; the first call that fails ends it. Null to call without a guard.</param>
    public OrthancContext(
        NativeContext* context,
        delegate*<NativeContext*, NativeRestOutput*, NativeHeader*, int, int, void*, out int, OrthancErrorCode> guard)
    {
        ArgumentNullException.ThrowIfNull(context);
        _guard = guard;
        _context = context;
        Version = OrthancVersion.Parse(NativeString.AsSpan(context->OrthancVersion));
        VersionText = Encoding.UTF8.GetString(NativeString.AsSpan(context->OrthancVersion));
        SendsHeadersAsTheyAre = !Version.IsAtLeast(1, 13, 1);
    }

    public OrthancVersion Version { get; }

    public string VersionText { get; }

    /// <summary>Whether the server is young enough for us. Only logging works where this is false.</summary>
    public bool IsServed => Version >= OrthancVersion.Oldest;

    public bool SupportsStreamAnswers => Version.IsAtLeast(1, 12, 6);

    /// <summary>Whether the server writes the value of a header as it gets it, line ends included, so that one call can bring several headers. True
    /// from 1.10.0 to 1.13.0 (HttpOutput::StateMachine::AddHeader); younger servers are not trusted before they were looked at.</summary>
    /// <remarks>Each call costs a line of the trace log that is made up and thrown away: 2,400 instructions.</remarks>
    public bool SendsHeadersAsTheyAre { get; }

    /// <summary>No call reaches Orthanc from now on, whichever thread makes it. False where a call does not come back in time.</summary>
    public bool Close(TimeSpan timeout) => _gate.Close(timeout);

    /// <summary>A line of the log; since 1.12.4 with the name of the plugin and where in the plugin it comes from.</summary>
    public OrthancErrorCode Log(OrthancLogLevel level, ReadOnlySpan<byte> plugin, ReadOnlySpan<byte> file, int number, string line)
    {
        using var text = new NativeText(line.AsSpan(), stackalloc byte[NativeText.StackSize]);
        using var pluginText = new NativeText(plugin, stackalloc byte[64]);
        using var fileText = new NativeText(file, stackalloc byte[64]);
        fixed (byte* pointer = text, pluginPointer = pluginText, filePointer = fileText)
        {
            if (!Version.IsAtLeast(1, 12, 4))
            {
                return Invoke(
                    level switch
                    {
                        OrthancLogLevel.Error => OrthancService.LogError,
                        OrthancLogLevel.Warning => OrthancService.LogWarning,
                        _ => OrthancService.LogInfo,
                    },
                    pointer);
            }

            var parameters = new LogMessageParameters
            {
                Message = pointer,
                Plugin = pluginPointer,
                File = filePointer,
                Line = (uint)number,
                Category = OrthancLogCategory.Generic,
                Level = level,
            };
            return Invoke(OrthancService.LogMessage, &parameters);
        }
    }

    /// <summary>Names the calling thread, which must be one of ours, in the log. Since 1.12.2.</summary>
    public OrthancErrorCode SetCurrentThreadName(string name)
    {
        using var text = new NativeText(name.AsSpan(), stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            return Version.IsAtLeast(1, 12, 2) ? Invoke(OrthancService.SetCurrentThreadName, pointer) : OrthancErrorCode.NotImplemented;
        }
    }

    /// <summary>Gives the name back, before the thread ends. Since 1.13.0.</summary>
    public OrthancErrorCode ClearCurrentThreadName() =>
        Version.IsAtLeast(1, 13, 0) ? Invoke(OrthancService.ClearCurrentThreadName, null) : OrthancErrorCode.NotImplemented;

    public OrthancErrorCode SetRootUri(string plugin, string uri) => SetProperty(plugin, OrthancPluginProperty.RootUri, uri);

    public OrthancErrorCode SetDescription(string plugin, string description) =>
        SetProperty(plugin, OrthancPluginProperty.Description, description);

    public OrthancErrorCode ExtendOrthancExplorer(string plugin, string javaScript) =>
        SetProperty(plugin, OrthancPluginProperty.OrthancExplorer, javaScript);

    public OrthancErrorCode GetConfiguration(out string? json) => GetString(OrthancService.GetConfiguration, out json);

    public OrthancErrorCode GetConfigurationPath(out string? path) => GetString(OrthancService.GetConfigurationPath, out path);

    public OrthancErrorCode SetMetricsValue(string name, float value)
    {
        using var text = new NativeText(name.AsSpan(), stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new SetMetricsValueParameters { Name = pointer, Value = value, Type = OrthancMetricsType.Default };
            return Invoke(OrthancService.SetMetricsValue, &parameters);
        }
    }

    /// <summary>Sets a metric that counts: exact since 1.12.1, before with the 24 bits of a float.</summary>
    public OrthancErrorCode SetMetricsIntegerValue(string name, long value)
    {
        if (!Version.IsAtLeast(1, 12, 1))
        {
            return SetMetricsValue(name, value);
        }

        using var text = new NativeText(name.AsSpan(), stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new SetMetricsIntegerValueParameters { Name = pointer, Value = value, Type = OrthancMetricsType.Default };
            return Invoke(OrthancService.SetMetricsIntegerValue, &parameters);
        }
    }

    // ---- Registrations, for Initialize only. No exception may leave a callback; Orthanc forgets all of them at Finalize. ----

    /// <summary>Takes over every method of the paths that match as a whole. Called from many threads at once.</summary>
    public OrthancErrorCode RegisterRestCallbackNoLock(
        string pathPattern, delegate* unmanaged<NativeRestOutput*, byte*, NativeHttpRequest*, OrthancErrorCode> callback)
    {
        using var text = new NativeText(pathPattern.AsSpan(), stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new RestCallbackParameters { PathRegularExpression = pointer, Callback = callback };
            return Invoke(OrthancService.RegisterRestCallbackNoLock, &parameters);
        }
    }

    /// <summary>Changes come late and one by one, on a thread that all plugins share: no work and no call in there.</summary>
    /// <param name="callback">Kind of change, level, identifier of the resource or job (null where there is none).</param>
    public OrthancErrorCode RegisterOnChangeCallback(delegate* unmanaged<OrthancChangeType, OrthancResourceType, byte*, OrthancErrorCode> callback) =>
        Register(OrthancService.RegisterOnChangeCallback, callback);

    /// <summary>Each stored instance, after it is in the database and before its upload is answered.</summary>
    public OrthancErrorCode RegisterOnStoredInstanceCallback(delegate* unmanaged<NativeDicomInstance*, byte*, OrthancErrorCode> callback) =>
        Register(OrthancService.RegisterOnStoredInstanceCallback, callback);

    /// <summary>Every outside request before it runs.</summary>
    /// <param name="callback">Method, path, address of the client; count, names and values of headers and of arguments. Returns 1 to let it pass, 0
    /// to refuse it.</param>
    public OrthancErrorCode RegisterIncomingHttpRequestFilter2(
        delegate* unmanaged<OrthancHttpMethod, byte*, byte*, uint, byte**, byte**, uint, byte**, byte**, int> callback) =>
        Register(OrthancService.RegisterIncomingHttpRequestFilter2, callback);

    public OrthancErrorCode RegisterRefreshMetricsCallback(delegate* unmanaged<void> callback) =>
        Register(OrthancService.RegisterRefreshMetricsCallback, callback);

    /// <summary>Makes a job again at start.</summary>
    /// <param name="callback">Type and serialized content; returns null for a type that is not ours.</param>
    public OrthancErrorCode RegisterJobsUnserializer(delegate* unmanaged<byte*, byte*, NativeJob*> callback) =>
        Register(OrthancService.RegisterJobsUnserializer, callback);

    // ---- Orthanc's REST API from inside: without HTTP authorization and without plugins ----

    /// <summary>Calls with any method, and collects the whole answer in memory, 4 GiB at most.</summary>
    /// <remarks>Orthanc keeps the body of a 200 only, and no body of a DELETE before 1.13.0. Another status is a response without a body for a GET
    /// since 1.13.0 and for a DELETE before; everywhere else it arrives as <see cref="OrthancErrorCode.UnknownResource"/>, whatever it was. An
    /// exception in the origin arrives as its own code.</remarks>
    /// <param name="uri">Percent-encoded, with its query.</param>
    public OrthancErrorCode CallRestApi(
        OrthancHttpMethod method, ReadOnlySpan<byte> uri, scoped in RestApiHeaders headers, ReadOnlySpan<byte> body, out RestApiResponse? response)
    {
        fixed (byte* pointer = body)
        {
            return CallRestApi(method, uri, in headers, pointer, (uint)body.Length, out response);
        }
    }

    public OrthancErrorCode Forward(
        RestRequest request, ReadOnlySpan<byte> uri, scoped in RestApiHeaders headers, out RestApiResponse? response) =>
        CallRestApi(request.Method, uri, in headers, request.BodyAddress, request.BodySize, out response);

    /// <summary>Wraps a job. From here on Orthanc calls <see cref="JobFunctions.Finalize"/> exactly once.</summary>
    /// <remarks>In the form with texts on every version: in the buffered form, since 1.11.3, Orthanc (1.12.7 and 1.13.0 alike) asks the wrong
    /// function for what it saves, so that no job of a plugin survives a restart. The price is one line in Orthanc's log per job.</remarks>
    public OrthancErrorCode CreateJob(nint state, string type, in JobFunctions functions, out NativeJob* job)
    {
        NativeJob* created = null;
        job = null;
        using var text = new NativeText(type.AsSpan(), stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new CreateJobParameters
            {
                Target = &created,
                Job = (void*)state,
                Finalize = functions.Finalize,
                Type = pointer,
                GetProgress = functions.GetProgress,
                GetContent = functions.GetContent,
                GetSerialized = functions.GetSerialized,
                Step = functions.Step,
                Stop = functions.Stop,
                Reset = functions.Reset,
            };
            var code = Invoke(OrthancService.CreateJob, &parameters);
            if (code != OrthancErrorCode.Success)
            {
                return code;
            }

            job = created;
            return created is null ? OrthancErrorCode.NullPointer : OrthancErrorCode.Success;
        }
    }

    /// <summary>Gives a job to the jobs engine. Afterwards it is not the caller's any more, also where this fails.</summary>
    public OrthancErrorCode SubmitJob(NativeJob* job, int priority, out string? id)
    {
        byte* result = null;
        var parameters = new SubmitJobParameters { ResultId = &result, Job = job, Priority = priority };
        var code = Invoke(OrthancService.SubmitJob, &parameters);
        id = null;
        if (code == OrthancErrorCode.Success)
        {
            return TakeString(result, out id);
        }

        // Without memory for the identifier the engine may own the job already, and freeing it would free it twice.
        if (code != OrthancErrorCode.NotEnoughMemory)
        {
            var free = new FreeJobParameters { Job = job };
            _ = Invoke(OrthancService.FreeJob, &free);
        }

        return code;
    }

    /// <summary>Frees what Orthanc allocated. After <see cref="Close"/> it is leaked on purpose: only Orthanc's context can free it.</summary>
    internal bool Free(void* address)
    {
        if (!_gate.TryEnter(out var stripe))
        {
            return false;
        }

        try
        {
            _context->Free(address);
            return true;
        }
        finally
        {
            _gate.Leave(stripe);
        }
    }

    internal OrthancErrorCode Invoke(OrthancService service, void* parameters, NativeRestOutput* output = null, HeaderBlock? headers = null)
    {
        if (!_gate.TryEnter(out var stripe))
        {
            return OrthancErrorCode.BadSequenceOfCalls;
        }

        try
        {
            return InvokeInside(service, parameters, output, headers is null ? null : headers.Headers, headers is null ? 0 : headers.Count);
        }
        finally
        {
            GC.KeepAlive(headers); // whose memory is pinned, but not beyond its own life
            _gate.Leave(stripe);
        }
    }

    private OrthancErrorCode InvokeInside(OrthancService service, void* parameters, NativeRestOutput* output, NativeHeader* first, int count)
    {
        if (_guard is not null)
        {
            var code = _guard(_context, output, first, count, (int)service, parameters, out var exception);
            return exception == 0 ? code : HostException.ToCode(exception);
        }

        for (var i = 0; i < count; i++)
        {
            var header = new SetHttpHeaderParameters { Output = output, Key = first[i].Name, Value = first[i].Value };
            var code = _context->InvokeService(_context, (int)OrthancService.SetHttpHeader, &header);
            if (code != OrthancErrorCode.Success)
            {
                return code;
            }
        }

        return _context->InvokeService(_context, (int)service, parameters);
    }

    private OrthancErrorCode Register(OrthancService service, void* callback)
    {
        var parameters = new CallbackParameters { Callback = callback };
        return Invoke(service, &parameters);
    }

    private OrthancErrorCode SetProperty(string plugin, OrthancPluginProperty property, string value)
    {
        using var pluginText = new NativeText(plugin.AsSpan(), stackalloc byte[NativeText.StackSize]);
        using var valueText = new NativeText(value.AsSpan(), stackalloc byte[NativeText.StackSize]);
        fixed (byte* pluginPointer = pluginText, valuePointer = valueText)
        {
            var parameters = new SetPluginPropertyParameters { Plugin = pluginPointer, Property = property, Value = valuePointer };
            return Invoke(OrthancService.SetPluginProperty, &parameters);
        }
    }

    private OrthancErrorCode GetString(OrthancService service, out string? text)
    {
        byte* result = null;
        var parameters = new DynamicStringParameters { Result = &result };
        var code = Invoke(service, &parameters);
        text = null;
        return code == OrthancErrorCode.Success ? TakeString(result, out text) : code;
    }

    private OrthancErrorCode CallRestApi(
        OrthancHttpMethod method,
        ReadOnlySpan<byte> uri,
        scoped in RestApiHeaders headers,
        void* body,
        uint bodySize,
        out RestApiResponse? response)
    {
        response = null;
        using var text = new NativeText(uri, stackalloc byte[NativeText.StackSize]);
        byte** names = stackalloc byte*[headers.Count];
        byte** values = stackalloc byte*[headers.Count];
        fixed (byte* pointer = text, block = headers)
        {
            headers.GetAddresses(block, names, values);
            NativeMemoryBuffer responseBody = default;
            NativeMemoryBuffer responseHeaders = default;
            ushort status = 0;
            var parameters = new CallRestApiParameters
            {
                AnswerBody = &responseBody,
                AnswerHeaders = &responseHeaders,
                HttpStatus = &status,
                Method = method,
                Uri = pointer,
                HeadersCount = (uint)headers.Count,
                HeadersKeys = names,
                HeadersValues = values,
                Body = body,
                BodySize = bodySize,
            };
            var code = Invoke(OrthancService.CallRestApi, &parameters);
            if (code != OrthancErrorCode.Success)
            {
                return code;
            }

            response = new RestApiResponse(status, new OwnedMemoryBuffer(this, responseBody), new OwnedMemoryBuffer(this, responseHeaders));
            if (IsAbsurd(responseBody) || IsAbsurd(responseHeaders))
            {
                response.Dispose();
                response = null;
                return OrthancErrorCode.NullPointer;
            }

            return OrthancErrorCode.Success;
        }
    }

    private static bool IsAbsurd(in NativeMemoryBuffer buffer) => buffer.Data is null && buffer.Size != 0;

    private OrthancErrorCode TakeString(byte* allocated, out string? text)
    {
        if (allocated is null)
        {
            text = null;
            return OrthancErrorCode.NullPointer;
        }

        try
        {
            text = Encoding.UTF8.GetString(NativeString.AsSpan(allocated));
            return OrthancErrorCode.Success;
        }
        finally
        {
            _ = Free(allocated);
        }
    }
}

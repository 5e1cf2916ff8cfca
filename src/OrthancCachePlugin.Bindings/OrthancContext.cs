using System.Text;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Memory;
using OrthancCachePlugin.Bindings.Requests;
using OrthancCachePlugin.Bindings.Text;

namespace OrthancCachePlugin.Bindings;

/// <summary>
/// The services of the Orthanc that loaded us, as calls that cannot go wrong: no pointer of the SDK leaves them, and each returns a code.
/// </summary>
/// <remarks>
/// <para>Texts are <c>string</c>, or UTF-8 with or without a terminating zero (<c>"..."u8</c>). Calls are allowed on any thread from
/// Initialize to Finalize: afterwards the context is freed memory. <see cref="Close"/> ends them: from then on each returns
/// <see cref="OrthancErrorCode.BadSequenceOfCalls"/>, and what Orthanc allocated is not given back.</para>
/// <para>A call that a server is too old for returns <see cref="OrthancErrorCode.NotImplemented"/> without asking it, because
/// Orthanc logs an error for every unknown service.</para>
/// <para>Buffers are taken over only where a service reports success. On an error they hold whatever was left in them: a failing
/// CallRestApi of Orthanc itself leaves the address of a buffer that it has already freed.</para>
/// </remarks>
public sealed unsafe partial class OrthancContext
{
    private readonly NativeContext* _context;
    private readonly CallGate _gate = new();
    private readonly delegate*<NativeContext*, NativeRestOutput*, NativeHeader*, int, int, void*, out int, OrthancErrorCode> _guard;

    /// <param name="context">What <c>OrthancPluginInitialize</c> received; stays Orthanc's.</param>
    public OrthancContext(NativeContext* context)
        : this(context, null)
    {
    }

    /// <param name="context">What <c>OrthancPluginInitialize</c> received; stays Orthanc's.</param>
    /// <param name="guard">
    /// Sets headers of a response (output, headers, their number), calls a service (number, parameters), and says which C++ exception it
    /// stopped on its way out, 0 for none; the first call that fails ends it. Null to call without a guard. See
    /// <see cref="HostException"/>.
    /// </param>
    public OrthancContext(
        NativeContext* context,
        delegate*<NativeContext*, NativeRestOutput*, NativeHeader*, int, int, void*, out int, OrthancErrorCode> guard)
    {
        _guard = guard;
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        Version = OrthancVersion.Parse(NativeString.AsSpan(context->OrthancVersion));
        SendsHeadersAsTheyAre = !Version.IsAtLeast(1, 13, 1);
        VersionText = Encoding.UTF8.GetString(NativeString.AsSpan(context->OrthancVersion));
    }

    public OrthancVersion Version { get; }

    /// <summary>The version as the server writes it.</summary>
    public string VersionText { get; }

    /// <summary>Whether the server is young enough for us. Nothing but logging works where this is false.</summary>
    public bool IsServed => Version >= OrthancVersion.Oldest;

    public bool SupportsIntegerMetrics => Version.IsAtLeast(1, 12, 1);

    /// <summary>Whether lines of the log carry the name of the plugin.</summary>
    public bool SupportsNamedLines => Version.IsAtLeast(1, 12, 4);

    /// <summary>Whether threads have names in the log.</summary>
    public bool SupportsThreadNames => Version.IsAtLeast(1, 12, 2);

    /// <summary>Whether a thread that ends is to give its name back.</summary>
    public bool ForgetsThreadNames => Version.IsAtLeast(1, 13, 0);

    public bool SupportsStreamAnswers => Version.IsAtLeast(1, 12, 6);

    /// <summary>Whether jobs hand their content over in buffers; before, in texts that the plugin keeps.</summary>
    public bool SupportsBufferedJobs => Version.IsAtLeast(1, 11, 3);

    /// <summary>Whether calls of several threads run at the same time; before, the server lets one through at a time.</summary>
    public bool SupportsConcurrentCalls => Version.IsAtLeast(1, 12, 2);

    /// <summary>
    /// Whether the server writes the value of a header as it gets it, line ends included, so that one call can bring several headers.
    /// </summary>
    /// <remarks>
    /// So it is in all servers from 1.10.0 to 1.13.0 (HttpOutput::StateMachine::AddHeader), in which each call costs a line of the trace log
    /// that is made up and thrown away, and several texts besides: 2,400 instructions, so that seven headers cost half of what the
    /// server spends on the whole rest of a request. A younger one may refuse line ends or write them otherwise, so none is trusted
    /// before it was looked at.
    /// </remarks>
    public bool SendsHeadersAsTheyAre { get; }

    internal NativeContext* Native => _context;

    /// <summary>No call reaches Orthanc from now on, whichever thread makes it.</summary>
    /// <param name="timeout">How long to wait for calls that are under way.</param>
    /// <returns>
    /// False where one does not come back: its thread is in the hands of Orthanc, and does nothing with it any more once it is out.
    /// </returns>
    public bool Close(TimeSpan timeout) => _gate.Close(timeout);

    /// <summary>
    /// Gives back what Orthanc allocated. After <see cref="Close"/> it is leaked on purpose: only Orthanc's context can free it, and that is
    /// gone. It is what a thread brings that was left behind in a call, or a response that waits for a disk which hangs.
    /// </summary>
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

    internal OrthancErrorCode Invoke(OrthancService service, void* parameters) => Invoke(service, parameters, null, null);

    /// <summary>Sets headers and then calls the service that sends the response; the first call that fails ends it.</summary>
    internal OrthancErrorCode Invoke(OrthancService service, void* parameters, NativeRestOutput* output, HeaderBlock? headers)
    {
        var code = Invoke(
            service, parameters, output, headers is null ? null : headers.Headers, headers is null ? 0 : headers.Count);
        GC.KeepAlive(headers); // whose memory is pinned, but not beyond its own life
        return code;
    }

    private OrthancErrorCode Invoke(OrthancService service, void* parameters, NativeRestOutput* output, NativeHeader* first, int count)
    {
        if (!_gate.TryEnter(out var stripe))
        {
            return OrthancErrorCode.BadSequenceOfCalls;
        }

        try
        {
            return InvokeInside(service, parameters, output, first, count);
        }
        finally
        {
            _gate.Leave(stripe);
        }
    }

    private OrthancErrorCode InvokeInside(
        OrthancService service, void* parameters, NativeRestOutput* output, NativeHeader* first, int count)
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

    /// <summary>Takes a buffer over after a service reported success.</summary>
    private OrthancErrorCode Adopt(in NativeMemoryBuffer buffer, out OwnedMemoryBuffer? owner)
    {
        if (buffer.Data is null && buffer.Size != 0)
        {
            owner = null;
            return OrthancErrorCode.NullPointer;
        }

        owner = new OwnedMemoryBuffer(this, buffer);
        return OrthancErrorCode.Success;
    }

    /// <summary>Takes a text over after a service reported success.</summary>
    private OrthancErrorCode Adopt(byte* text, out OwnedString? owner)
    {
        if (text is null)
        {
            owner = null;
            return OrthancErrorCode.NullPointer;
        }

        owner = new OwnedString(this, text);
        return OrthancErrorCode.Success;
    }
}

using System.Text;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Memory;
using OrthancCachePlugin.Bindings.Text;

namespace OrthancCachePlugin.Bindings;

/// <summary>
/// The services of the Orthanc that loaded us, as calls that cannot go wrong: no pointer of the SDK leaves them, and each returns a code.
/// </summary>
/// <remarks>
/// <para>Texts are <c>string</c>, or UTF-8 with or without a terminating zero (<c>"..."u8</c>). Calls are allowed on any thread from
/// Initialize to Finalize: afterwards the context is freed memory, so whoever owns threads ends them in Finalize.</para>
/// <para>A call that a server is too old for returns <see cref="OrthancErrorCode.NotImplemented"/> without asking it, because
/// Orthanc logs an error for every unknown service.</para>
/// <para>Buffers are taken over only where a service reports success. On an error they hold whatever was left in them: a failing
/// CallRestApi of Orthanc itself leaves the address of a buffer that it has already freed.</para>
/// </remarks>
public sealed unsafe partial class OrthancContext
{
    private readonly NativeContext* _context;
    private readonly delegate*<NativeContext*, int, void*, out int, OrthancErrorCode> _guard;

    /// <param name="context">What <c>OrthancPluginInitialize</c> received; stays Orthanc's.</param>
    public OrthancContext(NativeContext* context)
        : this(context, null)
    {
    }

    /// <param name="context">What <c>OrthancPluginInitialize</c> received; stays Orthanc's.</param>
    /// <param name="guard">
    /// Calls a service (context, number, parameters) and says which C++ exception it stopped on its way out, 0 for none; null to call
    /// without a guard. See <see cref="HostException"/>.
    /// </param>
    public OrthancContext(NativeContext* context, delegate*<NativeContext*, int, void*, out int, OrthancErrorCode> guard)
    {
        _guard = guard;
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        Version = OrthancVersion.Parse(NativeString.AsSpan(context->OrthancVersion));
        VersionText = Encoding.UTF8.GetString(NativeString.AsSpan(context->OrthancVersion));
    }

    public OrthancVersion Version { get; }

    /// <summary>The version as the server writes it.</summary>
    public string VersionText { get; }

    /// <summary>Whether the server is young enough for us. Nothing but logging works where this is false.</summary>
    public bool IsServed => Version >= OrthancVersion.Oldest;

    public bool SupportsIntegerMetrics => Version.IsAtLeast(1, 12, 1);

    public bool SupportsStreamAnswers => Version.IsAtLeast(1, 12, 6);

    /// <summary>Whether jobs hand their content over in buffers; before, in texts that the plugin keeps.</summary>
    public bool SupportsBufferedJobs => Version.IsAtLeast(1, 11, 3);

    /// <summary>Whether calls of several threads run at the same time; before, the server lets one through at a time.</summary>
    public bool SupportsConcurrentCalls => Version.IsAtLeast(1, 12, 2);

    internal NativeContext* Native => _context;

    internal OrthancErrorCode Invoke(OrthancService service, void* parameters)
    {
        if (_guard is null)
        {
            return _context->InvokeService(_context, (int)service, parameters);
        }

        var code = _guard(_context, (int)service, parameters, out var exception);
        return exception == 0 ? code : HostException.ToCode(exception);
    }

    /// <summary>Takes a buffer over after a service reported success.</summary>
    private OrthancErrorCode Adopt(in NativeMemoryBuffer buffer, out OwnedMemoryBuffer? owner)
    {
        if (buffer.Data is null && buffer.Size != 0)
        {
            owner = null;
            return OrthancErrorCode.NullPointer;
        }

        owner = new OwnedMemoryBuffer(_context, buffer);
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

        owner = new OwnedString(_context, text);
        return OrthancErrorCode.Success;
    }
}

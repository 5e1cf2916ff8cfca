namespace OrthancCachePlugin.Bindings.Interop;

// Structures are laid out in the order of their members, as in C.

/// <summary>What Orthanc hands to <c>OrthancPluginInitialize</c>. Owned by Orthanc; valid until Finalize has returned.</summary>
public unsafe struct NativeContext
{
    public void* PluginsManager;

    /// <summary>Zero-terminated, as in <c>1.12.7</c> or <c>mainline</c>.</summary>
    public byte* OrthancVersion;

    public delegate* unmanaged<void*, void> Free;

    public delegate* unmanaged<NativeContext*, int, void*, OrthancErrorCode> InvokeService;
}

/// <summary>A request as a REST callback receives it. Owned by Orthanc; valid until the callback returns. Arrays may be null where their count is
/// 0.</summary>
/// <remarks>72 bytes; Orthanc 1.12.9 appended two members, which we do not read, so this layout serves all versions.</remarks>
public unsafe struct NativeHttpRequest
{
    public OrthancHttpMethod Method;
    public uint GroupsCount;
    public byte** Groups;
    public uint GetCount;
    public byte** GetKeys;
    public byte** GetValues;
    public void* Body;
    public uint BodySize;
    public uint HeadersCount;
    public byte** HeadersKeys;
    public byte** HeadersValues;
}

/// <summary>Memory that crosses the boundary; whoever receives it frees <see cref="Data"/> with <see cref="NativeContext.Free"/>.</summary>
public unsafe struct NativeMemoryBuffer
{
    /// <summary>Null where <see cref="Size"/> is 0.</summary>
    public void* Data;

    public uint Size;
}

/// <summary>Where the response of one REST callback goes. Valid until that callback returns. Opaque: only pointers to it exist.</summary>
public readonly struct NativeRestOutput;

/// <summary>The instance of a stored-instance callback. Valid until that callback returns. Opaque: only pointers to it exist.</summary>
public readonly struct NativeDicomInstance;

/// <summary>A job that Orthanc has wrapped. Owned by us until it is submitted. Opaque: only pointers to it exist.</summary>
public readonly struct NativeJob;

// The parameters of the services, in the order of their members in the SDK. Each is read during the call and may be on the stack.

internal unsafe struct AnswerBufferParameters
{
    public NativeRestOutput* Output;
    public void* Answer;
    public uint AnswerSize;
    public byte* MimeType;
}

internal unsafe struct CallRestApiParameters
{
    public NativeMemoryBuffer* AnswerBody;
    public NativeMemoryBuffer* AnswerHeaders;
    public ushort* HttpStatus;
    public OrthancHttpMethod Method;
    public byte* Uri;
    public uint HeadersCount;
    public byte** HeadersKeys;
    public byte** HeadersValues;
    public void* Body;
    public uint BodySize;
    public byte AfterPlugins;
}

internal unsafe struct CallbackParameters
{
    public void* Callback;
}

internal unsafe struct CreateJobParameters
{
    public NativeJob** Target;
    public void* Job;
    public void* Finalize;
    public byte* Type;
    public void* GetProgress;
    public void* GetContent;
    public void* GetSerialized;
    public void* Step;
    public void* Stop;
    public void* Reset;
}

internal unsafe struct DynamicStringParameters
{
    public byte** Result;

    public byte* Argument;
}

internal unsafe struct FreeJobParameters
{
    public NativeJob* Job;
}

internal unsafe struct LogMessageParameters
{
    public byte* Message;
    public byte* Plugin;
    public byte* File;
    public uint Line;
    public OrthancLogCategory Category;
    public OrthancLogLevel Level;
}

internal unsafe struct OutputArgumentParameters
{
    public NativeRestOutput* Output;
    public byte* Argument;
}

internal unsafe struct RestCallbackParameters
{
    public byte* PathRegularExpression;
    public void* Callback;
}

internal unsafe struct SendHttpStatusCodeParameters
{
    public NativeRestOutput* Output;
    public ushort Status;
}

internal unsafe struct SendHttpStatusParameters
{
    public NativeRestOutput* Output;
    public ushort Status;
    public void* Body;
    public uint BodySize;
}

internal unsafe struct SetHttpErrorDetailsParameters
{
    public NativeRestOutput* Output;
    public byte* Details;
    public byte Log;
}

internal unsafe struct SetHttpHeaderParameters
{
    public NativeRestOutput* Output;
    public byte* Key;
    public byte* Value;
}

internal unsafe struct SetMetricsIntegerValueParameters
{
    public byte* Name;
    public long Value;
    public OrthancMetricsType Type;
}

internal unsafe struct SetMetricsValueParameters
{
    public byte* Name;
    public float Value;
    public OrthancMetricsType Type;
}

internal unsafe struct SetPluginPropertyParameters
{
    public byte* Plugin;
    public OrthancPluginProperty Property;
    public byte* Value;
}

internal unsafe struct SubmitJobParameters
{
    public byte** ResultId;
    public NativeJob* Job;
    public int Priority;
}

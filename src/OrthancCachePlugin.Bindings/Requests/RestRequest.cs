using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Text;

namespace OrthancCachePlugin.Bindings.Requests;

/// <summary>
/// A request as Orthanc parsed it. Everything that it returns points into memory of Orthanc and is gone when the callback returns.
/// </summary>
public readonly unsafe ref struct RestRequest
{
    private readonly NativeHttpRequest* _request;

    /// <param name="request">What the callback received; not null.</param>
    public RestRequest(NativeHttpRequest* request) => _request = request;

    public OrthancHttpMethod Method => _request->Method;

    /// <summary>How many groups the regular expression of the route has.</summary>
    public int GroupCount => Count(_request->GroupsCount, _request->Groups);

    /// <summary>How many arguments stand behind the question mark, repeated ones included.</summary>
    public int ArgumentCount => Count(_request->GetCount, _request->GetKeys);

    public int HeaderCount => Count(_request->HeadersCount, _request->HeadersKeys);

    /// <summary>Bytes of the body.</summary>
    public uint BodySize => _request->Body is null ? 0 : _request->BodySize;

    /// <summary>Whether <see cref="Body"/> shows all of it: a span ends at 2 GiB.</summary>
    public bool BodyFitsSpan => BodySize <= int.MaxValue;

    /// <summary>The body; empty where it does not fit.</summary>
    public ReadOnlySpan<byte> Body => BodyFitsSpan ? new ReadOnlySpan<byte>(_request->Body, (int)BodySize) : default;

    internal void* BodyAddress => _request->Body;

    /// <summary>What a group of the route matched; empty where there is no such group.</summary>
    public ReadOnlySpan<byte> Group(int index) => NativeString.At(_request->Groups, _request->GroupsCount, index);

    /// <summary>Percent-decoded.</summary>
    public ReadOnlySpan<byte> ArgumentKey(int index) => NativeString.At(_request->GetKeys, _request->GetCount, index);

    /// <summary>Percent-decoded; empty both for <c>?key</c> and <c>?key=</c>.</summary>
    public ReadOnlySpan<byte> ArgumentValue(int index) => NativeString.At(_request->GetValues, _request->GetCount, index);

    /// <summary>In lower case, as Orthanc keeps header names.</summary>
    public ReadOnlySpan<byte> HeaderKey(int index) => NativeString.At(_request->HeadersKeys, _request->HeadersCount, index);

    public ReadOnlySpan<byte> HeaderValue(int index) => NativeString.At(_request->HeadersValues, _request->HeadersCount, index);

    /// <summary>Finds a header; Orthanc has merged repeated ones, so there is at most one.</summary>
    /// <param name="lowerCaseName">Its name in lower case.</param>
    /// <param name="value">Its value, or empty.</param>
    public bool TryGetHeader(ReadOnlySpan<byte> lowerCaseName, out ReadOnlySpan<byte> value)
    {
        for (int i = 0; i < HeaderCount; i++)
        {
            if (HeaderKey(i).SequenceEqual(lowerCaseName))
            {
                value = HeaderValue(i);
                return true;
            }
        }

        value = default;
        return false;
    }

    private static int Count(uint count, byte** array) => array is null ? 0 : (int)Math.Min(count, int.MaxValue);
}

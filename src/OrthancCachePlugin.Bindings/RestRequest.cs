using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Bindings;

/// <summary>A request as Orthanc parsed it. What it returns points into memory of Orthanc and is gone when the callback returns.</summary>
public readonly unsafe struct RestRequest(NativeHttpRequest* request, byte* path)
{
    private readonly NativeHttpRequest* _request = request;
    private readonly byte* _path = path;
    private readonly int _pathLength = NativeString.AsSpan(path).Length;

    public OrthancHttpMethod Method => _request->Method;

    public ReadOnlySpan<byte> Path => new(_path, _pathLength); // percent-decoded, without query

    public int ArgumentCount => Count(_request->GetCount, _request->GetKeys);

    public int HeaderCount => Count(_request->HeadersCount, _request->HeadersKeys);

    public uint BodySize => _request->Body is null ? 0 : _request->BodySize;

    /// <summary>Whether <see cref="Body"/> shows all of it: a span ends at 2 GiB.</summary>
    public bool BodyFitsSpan => BodySize <= int.MaxValue;

    public ReadOnlySpan<byte> Body => BodyFitsSpan ? new ReadOnlySpan<byte>(_request->Body, (int)BodySize) : default;

    internal void* BodyAddress => _request->Body;

    public ReadOnlySpan<byte> ArgumentKey(int index) => NativeString.At(_request->GetKeys, _request->GetCount, index);

    /// <summary>Percent-decoded; empty both for <c>?key</c> and <c>?key=</c>.</summary>
    public ReadOnlySpan<byte> ArgumentValue(int index) => NativeString.At(_request->GetValues, _request->GetCount, index);

    /// <summary>In lower case, as Orthanc keeps header names; it merges repeated ones.</summary>
    public ReadOnlySpan<byte> HeaderKey(int index) => NativeString.At(_request->HeadersKeys, _request->HeadersCount, index);

    public ReadOnlySpan<byte> HeaderValue(int index) => NativeString.At(_request->HeadersValues, _request->HeadersCount, index);

    private static int Count(uint count, byte** array) => array is null ? 0 : (int)Math.Min(count, int.MaxValue);
}

namespace OrthancCachePlugin.Host;

/// <summary>
/// The path of the request that this thread of the HTTP server got, as the request filter sees it. A REST callback is given it without what
/// is odd about it, such as two slashes, and is called for requests of Lua and of other plugins too, which no filter sees.
/// </summary>
internal static class ClientPath
{
    /// <summary>Longer ones are not remembered.</summary>
    private const int Longest = 512;

    [ThreadStatic]
    private static byte[]? _path;

    [ThreadStatic]
    private static int _length;

    /// <summary>Called for each request from outside, on the thread that answers it.</summary>
    public static void Saw(ReadOnlySpan<byte> path)
    {
        _length = 0;
        if (path.Length <= Longest)
        {
            path.CopyTo(_path ??= new byte[Longest]);
            _length = path.Length;
        }
    }

    /// <summary>Whether that request has this very path.</summary>
    public static bool Is(ReadOnlySpan<byte> path) => _length > 0 && path.SequenceEqual(_path.AsSpan(0, _length));
}

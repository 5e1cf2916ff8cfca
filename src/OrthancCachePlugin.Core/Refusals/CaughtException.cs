namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// Exceptions of C++ that are none of Orthanc's, and that leave its services: sorted as its HTTP server sorts those that reach it
/// (HttpServer.cpp, Callback; the same in 1.10.1, 1.12.7 and 1.13.0).
/// </summary>
public enum CaughtException
{
    None = 0,

    /// <summary><c>boost::bad_lexical_cast</c>.</summary>
    LexicalCast = 1,

    /// <summary><c>boost::filesystem::filesystem_error</c>; the path that it names is lost.</summary>
    Filesystem = 2,

    /// <summary><c>std::runtime_error</c>.</summary>
    Runtime = 3,

    /// <summary><c>std::bad_alloc</c>.</summary>
    Memory = 4,

    /// <summary>Any other, those of JsonCpp among them.</summary>
    Other = 5,
}

namespace OrthancCachePlugin.Core.Refusals;

/// <summary>The ways in which the origin says no (fixed by its HTTP server: HttpServer, RestApi, RestApiOutput, HttpOutput).</summary>
public enum RefusalKind
{
    /// <summary>An exception: the status follows from the code, the body is JSON.</summary>
    Error,

    /// <summary>A bare status with an empty body.</summary>
    Status,

    /// <summary>405 with the header <c>Allow</c>.</summary>
    MethodNotAllowed,

    /// <summary>A redirection, 301 or 307 as the version has it.</summary>
    Redirect,
}

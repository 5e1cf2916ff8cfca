namespace OrthancCachePlugin.Core.Routing;

/// <summary>What decides how a request is understood and what a client is told. Immutable.</summary>
public sealed record PolicyOptions
{
    /// <summary>Days that a client may keep a response, and that we keep it.</summary>
    public int ExpirationDays { get; init; } = 7;

    /// <summary>The literal <c>Cache-Control</c> that replaces ours; empty for ours.</summary>
    public string CacheControl { get; init; } = "";

    /// <summary>Keep rendered images and frames on disk too.</summary>
    public bool CacheBinaries { get; init; }

    /// <summary>Orthanc asks for authentication: shared caches must not keep what it answers.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>Other servers write to the same database.</summary>
    public bool IsShared { get; init; }

    /// <summary>Orthanc's option <c>HttpCompressionEnabled</c>.</summary>
    public bool HostCompresses { get; init; }

    /// <summary>Whether the host lets a body through that we have encoded, without encoding it again.</summary>
    public bool CanSendEncoded { get; init; } = true;

    /// <summary>Query arguments that carry authorisation: in no key, no log, no file, and not passed on.</summary>
    public IReadOnlyList<string> TokenArguments { get; init; } = DefaultTokenArguments;

    /// <summary>Names that viewers and the authorization plugin's documentation use for tokens in a query.</summary>
    public static IReadOnlyList<string> DefaultTokenArguments { get; } =
        ["token", "auth-token", "authToken", "auth_token", "access_token", "access-token", "authorization", "api-key", "apikey", "jwt"];
}

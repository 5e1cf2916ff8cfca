namespace OrthancCachePlugin.Core.Refusals;

/// <summary>What an internal call said that did not end in a 200.</summary>
/// <param name="Code">The error of the call itself; 0 where the call gave a response.</param>
/// <param name="Status">The HTTP status; 0 where the call failed.</param>
/// <param name="HasHeaders">Whether the response had any header, those of the connection included.</param>
/// <param name="Location">Where the response redirects to, or null.</param>
/// <param name="Allow">The methods that it allows, or null.</param>
public readonly record struct OriginReply(int Code, int Status = 0, bool HasHeaders = false, string? Location = null, string? Allow = null);

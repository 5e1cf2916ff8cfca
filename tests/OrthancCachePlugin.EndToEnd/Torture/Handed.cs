namespace OrthancCachePlugin.EndToEnd.Torture;

/// <summary>What a client holds: validators, and the body that came with them.</summary>
/// <param name="ETag">The tag, or null.</param>
/// <param name="LastModified">The date as it was sent, or null.</param>
/// <param name="Body">The body in its comparable form.</param>
internal sealed record Handed(string? ETag, string? LastModified, string Body);

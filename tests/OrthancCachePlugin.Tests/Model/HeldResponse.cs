namespace OrthancCachePlugin.Tests.Model;

/// <summary>What a client holds of one target: the body and what came with it.</summary>
internal sealed record HeldResponse(string Body, string? Tag, string? LastModified, string Date);

namespace OrthancCachePlugin.Core.Administration;

/// <summary>One file of the page.</summary>
/// <param name="Name">As it stands in the path.</param>
/// <param name="ContentType">With its character set.</param>
/// <param name="Content">All of it.</param>
public sealed record AppFile(string Name, string ContentType, ReadOnlyMemory<byte> Content);

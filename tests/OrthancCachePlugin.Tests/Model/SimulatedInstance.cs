namespace OrthancCachePlugin.Tests.Model;

/// <summary>One stored instance: what its file says (a number), how long it is, which attachment it is, and when it came.</summary>
internal sealed record SimulatedInstance(int Content, int Size, int Attachment, long Reception);

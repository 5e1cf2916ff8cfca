using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.Model;

/// <summary>One transaction of the simulated origin, and the events that follow it.</summary>
/// <param name="Number">Its place in the history; the state before the first one is number 0.</param>
/// <param name="Events">Deleted and other resources, in the order in which Orthanc tells of them.</param>
internal sealed record Commit(int Number, IReadOnlyList<(bool IsDeleted, Resource? Resource)> Events);

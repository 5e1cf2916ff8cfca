namespace OrthancCachePlugin.Core.Routing;

/// <summary>A patient, study, series or instance.</summary>
public readonly record struct Resource(ResourceLevel Level, ResourceId Id);

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>The level of the resource that a change event speaks of.</summary>
public enum OrthancResourceType
{
    Patient = 0,
    Study = 1,
    Series = 2,
    Instance = 3,

    /// <summary>The event is about the server or a job, not about a resource.</summary>
    None = 4,
}

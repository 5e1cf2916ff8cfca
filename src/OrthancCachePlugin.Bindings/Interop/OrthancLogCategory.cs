namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>What a line of the log is about; plugins may not use those that are missing here.</summary>
public enum OrthancLogCategory
{
    Generic = 1,
}

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>The methods that reach a plugin. HEAD and OPTIONS never do.</summary>
public enum OrthancHttpMethod
{
    Get = 1,
    Post = 2,
    Put = 3,
    Delete = 4,
}

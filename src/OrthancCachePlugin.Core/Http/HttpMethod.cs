namespace OrthancCachePlugin.Core.Http;

/// <summary>The methods that reach a plugin; Orthanc answers HEAD by itself.</summary>
public enum HttpMethod
{
    Get,
    Post,
    Put,
    Delete,
}

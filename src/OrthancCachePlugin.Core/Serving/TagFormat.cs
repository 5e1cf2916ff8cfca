namespace OrthancCachePlugin.Core.Serving;

/// <summary>The three forms in which Orthanc writes tags.</summary>
internal enum TagFormat
{
    Full,
    Short,
    Simplified,
}

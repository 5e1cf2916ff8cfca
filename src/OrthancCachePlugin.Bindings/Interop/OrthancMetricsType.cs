namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>How Orthanc keeps a metric between two scrapes.</summary>
public enum OrthancMetricsType
{
    /// <summary>The last value set.</summary>
    Default = 0,

    /// <summary>A duration: the longest of the last seconds.</summary>
    Timer = 1,
}

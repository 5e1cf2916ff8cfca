namespace OrthancCachePlugin.Core.Routing;

/// <summary>The four levels of the DICOM hierarchy as the Orthanc Book has them. The numbers are part of stored keys.</summary>
public enum ResourceLevel : byte
{
    Patient = 0,
    Study = 1,
    Series = 2,
    Instance = 3,
}

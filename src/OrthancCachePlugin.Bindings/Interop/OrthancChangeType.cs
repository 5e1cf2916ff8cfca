namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>What a change event reports. Later servers may send numbers that are not listed here.</summary>
public enum OrthancChangeType
{
    CompletedSeries = 0,
    Deleted = 1,
    NewChildInstance = 2,
    NewInstance = 3,
    NewPatient = 4,
    NewSeries = 5,
    NewStudy = 6,
    StablePatient = 7,
    StableSeries = 8,
    StableStudy = 9,
    OrthancStarted = 10,
    OrthancStopped = 11,
    UpdatedAttachment = 12,
    UpdatedMetadata = 13,
    UpdatedPeers = 14,
    UpdatedModalities = 15,
    JobSubmitted = 16,
    JobSuccess = 17,
    JobFailure = 18,
}

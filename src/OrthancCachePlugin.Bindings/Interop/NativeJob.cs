namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>A job that Orthanc has wrapped. Owned by us until it is submitted. Opaque: only pointers to it exist.</summary>
public readonly struct NativeJob;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>The instance of a stored-instance callback. Valid until that callback returns. Opaque: only pointers to it exist.</summary>
public readonly struct NativeDicomInstance;

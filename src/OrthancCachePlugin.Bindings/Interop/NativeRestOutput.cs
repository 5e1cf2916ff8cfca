namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Where the answer of one REST callback goes. Valid until that callback returns. Opaque: only pointers to it exist.</summary>
public readonly struct NativeRestOutput;

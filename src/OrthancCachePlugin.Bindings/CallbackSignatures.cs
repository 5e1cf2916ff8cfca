// Names for the signatures of the functions that Orthanc calls. They hold in each project that compiles this file:
//   <Compile Include="../OrthancCachePlugin.Bindings/CallbackSignatures.cs" Link="CallbackSignatures.cs" />
// A function of such a type is a static method with [UnmanagedCallersOnly] out of which no exception comes.

// Output, path without query, request -> error code.
// Kind of change, level, identifier of the resource or job (null where there is none) -> error code.
global using unsafe ChangeCallback = delegate* unmanaged<
    OrthancCachePlugin.Bindings.Interop.OrthancChangeType,
    OrthancCachePlugin.Bindings.Interop.OrthancResourceType,
    byte*,
    OrthancCachePlugin.Bindings.Interop.OrthancErrorCode>;
// Method, path, address of the client; count, names and values of the headers; count, keys and values of the arguments
// -> 1 passes, 0 refuses.
global using unsafe FilterCallback = delegate* unmanaged<
    OrthancCachePlugin.Bindings.Interop.OrthancHttpMethod,
    byte*,
    byte*,
    uint,
    byte**,
    byte**,
    uint,
    byte**,
    byte**,
    int>;
// Type of the job, its serialized content -> the job, or null for a type that is not ours.
global using unsafe JobsUnserializer = delegate* unmanaged<
    byte*,
    byte*,
    OrthancCachePlugin.Bindings.Interop.NativeJob*>;
global using unsafe RefreshMetricsCallback = delegate* unmanaged<void>;
global using unsafe RestCallback = delegate* unmanaged<
    OrthancCachePlugin.Bindings.Interop.NativeRestOutput*,
    byte*,
    OrthancCachePlugin.Bindings.Interop.NativeHttpRequest*,
    OrthancCachePlugin.Bindings.Interop.OrthancErrorCode>;
// The instance, its identifier -> error code.
global using unsafe StoredInstanceCallback = delegate* unmanaged<
    OrthancCachePlugin.Bindings.Interop.NativeDicomInstance*,
    byte*,
    OrthancCachePlugin.Bindings.Interop.OrthancErrorCode>;

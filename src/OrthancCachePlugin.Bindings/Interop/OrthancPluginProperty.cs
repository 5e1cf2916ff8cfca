namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>What a plugin can tell about itself.</summary>
internal enum OrthancPluginProperty
{
    Description = 1,
    RootUri = 2,
    OrthancExplorer = 3,
}

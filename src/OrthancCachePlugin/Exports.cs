namespace OrthancCachePlugin;

internal static class Exports
{
}

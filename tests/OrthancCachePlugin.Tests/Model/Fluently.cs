namespace OrthancCachePlugin.Tests.Model;

internal static class Fluently
{
    /// <summary>Passes a value on.</summary>
    public static void Do<T>(this T value, Action<T> action) => action(value);
}

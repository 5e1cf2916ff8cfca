namespace OrthancCachePlugin.Tests.Model;

/// <summary>The property is broken.</summary>
internal sealed class StaleResponseException(string message) : Exception(message);

namespace OrthancCachePlugin.Tests.Model;

/// <summary>The property is broken.</summary>
internal sealed class StaleAnswerException(string message) : Exception(message);

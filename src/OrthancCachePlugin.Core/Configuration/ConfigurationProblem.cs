namespace OrthancCachePlugin.Core.Configuration;

/// <summary>Something wrong in the section.</summary>
/// <param name="IsError">True for a value that cannot be used, which stops the plugin; false for a warning.</param>
/// <param name="Text">Names the member and what it takes.</param>
public sealed record ConfigurationProblem(bool IsError, string Text);

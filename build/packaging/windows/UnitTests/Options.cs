using Xunit.Abstractions;

namespace OrthancCachePlugin.UnitTests;

/// <summary>What xunit's framework asks for; what was not set has its default.</summary>
internal sealed class Options : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
{
    private readonly Dictionary<string, object?> values = [];

    public TValue GetValue<TValue>(string name) => values.TryGetValue(name, out var value) && value is TValue found ? found : default!;

    public void SetValue<TValue>(string name, TValue value) => values[name] = value;
}

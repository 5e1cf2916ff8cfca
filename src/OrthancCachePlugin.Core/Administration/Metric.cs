namespace OrthancCachePlugin.Core.Administration;

/// <summary>One figure for the host's metrics.</summary>
/// <param name="Name">As Prometheus takes it, with the unit at its end.</param>
/// <param name="Value">Whole, or with decimals where <paramref name="IsInteger"/> is false.</param>
/// <param name="IsInteger">Whether it counts.</param>
public readonly record struct Metric(string Name, double Value, bool IsInteger);

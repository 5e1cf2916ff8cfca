using Xunit;

namespace OrthancCachePlugin.Tests.Bindings;

/// <summary>Tests that count what is outstanding: the counters belong to the process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NativeMemoryCollection
{
    public const string Name = "memory of Orthanc";
}

using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace OrthancCachePlugin.UnitTests;

/// <summary>Where tests are in the source does not matter here.</summary>
internal sealed class NoSource : LongLivedMarshalByRefObject, ISourceInformationProvider
{
    public ISourceInformation GetSourceInformation(ITestCase testCase) => new SourceInformation();

    public void Dispose()
    {
    }
}

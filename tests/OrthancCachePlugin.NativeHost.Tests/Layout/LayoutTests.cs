using Xunit.Abstractions;

namespace OrthancCachePlugin.NativeHost.Tests.Layout;

public class LayoutTests(ITestOutputHelper output)
{
    /// <summary>The version, as <c>layout.c</c> counts it, in which Orthanc appended two members to a request.</summary>
    private const int RequestGrew = 1_012_009;

    /// <summary>What an older header does not know, with the version that brought it.</summary>
    private static readonly (string Prefix, int Since)[] Younger =
    [
        ("OrthancService.SetMetricsIntegerValue", 1_012_001),
        ("SetMetricsIntegerValueParameters.", 1_012_001),
        ("OrthancService.SetCurrentThreadName", 1_012_002),
        ("OrthancService.LogMessage", 1_012_004),
        ("OrthancLogLevel.", 1_012_004),
        ("OrthancLogCategory.", 1_012_004),
        ("LogMessageParameters.", 1_012_004),
        ("OrthancService.ClearCurrentThreadName", 1_013_000),
        ("OrthancService.StartStreamAnswer", 1_012_006),
        ("OrthancService.SendStreamChunk", 1_012_006),
    ];

    [Fact]
    public async Task Our_structures_and_numbers_are_those_of_our_header()
    {
        LayoutTable native = await NativeLayout.OfOurHeaderAsync();

        ManagedLayout.Read().Lines().Should().Equal(native.Lines());
    }

    [Fact]
    public async Task Our_header_is_that_of_every_Orthanc_found_here()
    {
        LayoutTable ours = await NativeLayout.OfOurHeaderAsync();
        output.WriteLine($"headers of Orthanc compared: {OrthancHeaders.Folders.Count}");
        OrthancHeaders.Folders.Should().NotBeEmpty("orthanc-dev has one");

        foreach (string folder in OrthancHeaders.Folders)
        {
            LayoutTable theirs = await NativeLayout.OfOrthancHeaderAsync(folder);
            int version = theirs["header.version"];
            output.WriteLine($"{folder}: {version}");
            theirs.Remove("header.version").Should().BeTrue();

            theirs.Lines().Should().Equal(Expect(ours, version).Lines(), $"the header in {folder} is of version {version}");
        }
    }

    private static LayoutTable Expect(LayoutTable ours, int version)
    {
        var expected = new LayoutTable();
        foreach (string name in ours.Names.Where(name => !IsUnknownTo(version, name)))
        {
            bool grown = name == "NativeHttpRequest.size" && version >= RequestGrew;
            expected.Add(name, grown ? 88 : ours[name]);
        }

        return expected;
    }

    private static bool IsUnknownTo(int version, string name) => Array.Exists(
        Younger, younger => version < younger.Since && name.StartsWith(younger.Prefix, StringComparison.Ordinal));
}

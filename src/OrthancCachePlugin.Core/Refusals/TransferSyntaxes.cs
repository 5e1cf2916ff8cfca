namespace OrthancCachePlugin.Core.Refusals;

/// <summary>What we must know of transfer syntaxes (DICOM PS3.6 annex A) to tell which of two complaints the origin made. Pure.</summary>
internal static class TransferSyntaxes
{
    private const string Root = "1.2.840.10008.1.2";

    /// <summary>Those that Orthanc decodes by itself: uncompressed, deflated, JPEG, JPEG-LS, RLE.</summary>
    private static readonly string[] Decodable =
    [
        Root, Root + ".1", Root + ".1.99", Root + ".2", Root + ".4.50", Root + ".4.51", Root + ".4.53", Root + ".4.55", Root + ".4.57",
        Root + ".4.70", Root + ".4.80", Root + ".4.81", Root + ".5",
    ];

    /// <summary>Whether the origin knows the text as a transfer syntax, retired ones included: all of them are below one root.</summary>
    public static bool IsKnown(string text) => text == Root || text.StartsWith(Root + ".", StringComparison.Ordinal);

    /// <summary>Whether the built-in decoder takes it.</summary>
    public static bool IsDecodable(string text) => Decodable.Contains(text);
}

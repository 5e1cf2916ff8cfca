namespace OrthancCachePlugin.Core.Serving;

/// <summary>What a conditional request says of the client's copy.</summary>
internal enum PreconditionResult
{
    /// <summary>None, or another one than a 200 would carry now.</summary>
    None,

    /// <summary>Named by its tag: it is what a 200 would carry now, for only a 200 ever carried that tag.</summary>
    MatchedByTag,

    /// <summary>
    /// Meant by a date or by <c>*</c>. That is good only where there would be a 200 (RFC 9110 section 13.2.1), and the version of a
    /// resource does not tell whether, say, an instance has a PDF.
    /// </summary>
    MatchedByDate,
}

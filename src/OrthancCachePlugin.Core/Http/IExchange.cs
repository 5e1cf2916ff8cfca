using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Core.Http;

/// <summary>
/// One request of a client and the place for its answer. Spans point into memory of the host and live as long as the exchange.
/// </summary>
/// <remarks>Used by one thread. Exactly one of the answering members is called, once, headers before it.</remarks>
public interface IExchange
{
    HttpMethod Method { get; }

    /// <summary>True where nobody waits for the answer: it is computed to be kept, and counts for nobody.</summary>
    bool IsWarmUp => false;

    /// <summary>True once one of the answering members was called.</summary>
    bool IsAnswered { get; }

    /// <summary>The decoded path without query and without trailing slash.</summary>
    ReadOnlySpan<byte> Path { get; }

    /// <summary>The number of query arguments.</summary>
    int ArgumentCount { get; }

    /// <summary>The name of a query argument, as the host passes it.</summary>
    ReadOnlySpan<byte> ArgumentName(int index);

    /// <summary>The value of a query argument; empty where there was none.</summary>
    ReadOnlySpan<byte> ArgumentValue(int index);

    /// <summary>Looks up a header of the request.</summary>
    /// <param name="header">Which one.</param>
    /// <param name="value">As the client sent it.</param>
    bool TryGetHeader(RequestHeader header, out ReadOnlySpan<byte> value);

    /// <summary>
    /// Asks the core's own handler for this GET, with the request's headers but without conditional ones, and waits for the whole
    /// answer.
    /// </summary>
    /// <param name="target">Path and query; a zero byte follows that is not part of it.</param>
    /// <returns>What the core answered; the caller owns it. Never null; a failure is an answer too.</returns>
    OriginAnswer AskCore(ReadOnlySpan<byte> target);

    /// <summary>Adds a header to the answer.</summary>
    /// <param name="name">Ends with a zero byte that is not part of it.</param>
    /// <param name="value">Ends with a zero byte that is not part of it.</param>
    void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>Answers 200 with a body.</summary>
    /// <param name="contentType">Ends with a zero byte that is not part of it.</param>
    /// <param name="body">Read before this returns.</param>
    void Answer(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body);

    /// <summary>Answers 200 with a body that is encoded already; the host leaves it as it is.</summary>
    /// <param name="contentType">Ends with a zero byte that is not part of it.</param>
    /// <param name="coding">The name of the coding; ends with a zero byte that is not part of it.</param>
    /// <param name="body">Read before this returns.</param>
    void AnswerEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body);

    /// <summary>Answers 304.</summary>
    void NotModified();

    /// <summary>
    /// Answers what the core answered, be it a success or an error, as if we were not there, but for the headers added before to a
    /// success.
    /// </summary>
    void AnswerAsCore(OriginAnswer answer);

    /// <summary>Passes a request that is not a GET to the core and its answer to the client, unchanged.</summary>
    void Forward();
}

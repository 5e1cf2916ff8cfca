using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Core.Http;

/// <summary>
/// One request of a client and the place for its response. Spans point into memory of the host and live as long as the exchange.
/// </summary>
/// <remarks>Used by one thread. Exactly one of the responseing members is called, once, headers before it.</remarks>
public interface IExchange
{
    HttpMethod Method { get; }

    /// <summary>True where nobody waits for the response: it is computed to be kept, and counts for nobody.</summary>
    bool IsWarmUp => false;

    /// <summary>True once one of the responseing members was called.</summary>
    bool HasResponded { get; }

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
    /// Asks the origin's own handler for this GET, with the request's headers but without conditional ones, and waits for the whole
    /// answer.
    /// </summary>
    /// <param name="target">Path and query; a zero byte follows that is not part of it.</param>
    /// <returns>What the origin answered; the caller owns it. Never null; a failure is a response too.</returns>
    OriginResponse AskOrigin(ReadOnlySpan<byte> target);

    /// <summary>Asks the origin for something else than the client did, without headers, in the same way.</summary>
    /// <param name="target">Path and query; a zero byte follows that is not part of it.</param>
    /// <returns>What the origin answered; the caller owns it. Never null; a failure is a response too.</returns>
    OriginResponse AskOriginBesides(ReadOnlySpan<byte> target) => AskOrigin(target);

    /// <summary>Adds a header to the response.</summary>
    /// <param name="name">Ends with a zero byte that is not part of it.</param>
    /// <param name="value">Ends with a zero byte that is not part of it.</param>
    void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>Answers 200 with a body.</summary>
    /// <param name="contentType">Ends with a zero byte that is not part of it.</param>
    /// <param name="body">Read before this returns.</param>
    void Respond(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body);

    /// <summary>Answers 200 with a body that is encoded already; the host leaves it as it is.</summary>
    /// <param name="contentType">Ends with a zero byte that is not part of it.</param>
    /// <param name="coding">The name of the coding; ends with a zero byte that is not part of it.</param>
    /// <param name="body">Read before this returns.</param>
    void RespondEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body);

    /// <summary>Answers 304.</summary>
    void NotModified();

    /// <summary>
    /// Answers what the origin answered, be it a success or an error, as if we were not there, but for the headers added before to a
    /// success.
    /// </summary>
    void RespondAsOrigin(OriginResponse response);

    /// <summary>The body of the request; empty where it is longer than any that we look into.</summary>
    ReadOnlySpan<byte> Body => default;

    /// <summary>Begins a 200 whose body follows piece by piece; the connection closes behind it.</summary>
    /// <param name="contentType">Ends with a zero byte that is not part of it.</param>
    /// <returns>Takes the body. Null where the host cannot: then nothing was sent. It throws <see cref="IOException"/> when the client has left.</returns>
    Stream? BeginBody(ReadOnlySpan<byte> contentType) => null;

    /// <summary>The body that was begun ends before its time: the host is told that the request failed.</summary>
    void BreakOffBody()
    {
    }

    /// <summary>Passes a request that is not a GET to the origin and its response to the client, unchanged.</summary>
    void Forward();
}

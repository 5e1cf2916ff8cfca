using System.Text;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>A response of an origin that is not there. Counts how many have not been given back.</summary>
internal sealed class FakeResponse : OriginResponse
{
    private readonly ResponseLedger? _ledger;
    private readonly byte[] _body;
    private bool _isDisposed;

    public FakeResponse(string? body, ResponseLedger? ledger = null, string contentType = "application/json")
        : this(body is null ? null : Encoding.UTF8.GetBytes(body), ledger, contentType)
    {
    }

    /// <param name="body">Null for an error of the origin.</param>
    /// <param name="ledger">Where it is counted.</param>
    /// <param name="contentType">Media type.</param>
    public FakeResponse(byte[]? body, ResponseLedger? ledger, string contentType)
    {
        IsSuccess = body is not null;
        _body = body ?? [];
        Type = Encoding.UTF8.GetBytes(contentType);
        _ledger = ledger;
        ledger?.Took();
    }

    public byte[] Type { get; init; }

    public byte[] Disposition { get; init; } = [];

    public byte[] CoreEncoding { get; init; } = [];

    public override bool IsSuccess { get; }

    public override ReadOnlySpan<byte> Body => _isDisposed ? throw new ObjectDisposedException(nameof(FakeResponse)) : _body;

    public override ReadOnlySpan<byte> ContentType => Type;

    public override ReadOnlySpan<byte> ContentDisposition => Disposition;

    public override ReadOnlySpan<byte> ContentEncoding => CoreEncoding;

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        _ledger?.GaveBack();
    }
}

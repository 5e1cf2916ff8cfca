using System.Collections.Concurrent;
using System.Text;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>An origin that responses given paths with given texts, and 404 to all else.</summary>
internal sealed class TextOrigin : IOrigin
{
    public ConcurrentDictionary<string, string> Responses { get; } = new();

    public ConcurrentQueue<string> Asked { get; } = new();

    public OriginResponse Get(ReadOnlySpan<byte> path)
    {
        var text = Encoding.UTF8.GetString(path);
        Asked.Enqueue(text);
        return Responses.TryGetValue(text, out var body) ? new TextResponse(body) : OriginResponse.NotFound;
    }

    private sealed class TextResponse(string body) : OriginResponse
    {
        private readonly byte[] bytes = Encoding.UTF8.GetBytes(body);

        public override bool IsSuccess => true;

        public override ReadOnlySpan<byte> Body => bytes;

        public override ReadOnlySpan<byte> ContentType => "application/json"u8;

        public override ReadOnlySpan<byte> ContentDisposition => default;

        public override ReadOnlySpan<byte> ContentEncoding => default;

        protected override void Dispose(bool disposing)
        {
        }
    }
}

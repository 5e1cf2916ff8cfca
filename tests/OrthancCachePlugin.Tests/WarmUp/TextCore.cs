using System.Collections.Concurrent;
using System.Text;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>A core that answers given paths with given texts, and 404 to all else.</summary>
internal sealed class TextCore : ICore
{
    public ConcurrentDictionary<string, string> Answers { get; } = new();

    public ConcurrentQueue<string> Asked { get; } = new();

    public OriginAnswer Get(ReadOnlySpan<byte> path)
    {
        var text = Encoding.UTF8.GetString(path);
        Asked.Enqueue(text);
        return Answers.TryGetValue(text, out var body) ? new TextAnswer(body) : OriginAnswer.NotFound;
    }

    private sealed class TextAnswer(string body) : OriginAnswer
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

using System.Collections.Concurrent;
using System.Text;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>A core that answers from a table, path by path; what is not in it is an error.</summary>
internal sealed class FakeCore : ICore
{
    public ConcurrentDictionary<string, string> Answers { get; } = new();

    public ConcurrentQueue<string> Asked { get; } = new();

    public AnswerLedger Ledger { get; } = new();

    public string this[string path]
    {
        set => Answers[path] = value;
    }

    public OriginAnswer Get(ReadOnlySpan<byte> path)
    {
        var text = Encoding.UTF8.GetString(path);
        Asked.Enqueue(text);
        return new FakeAnswer(Answers.GetValueOrDefault(text), Ledger);
    }
}

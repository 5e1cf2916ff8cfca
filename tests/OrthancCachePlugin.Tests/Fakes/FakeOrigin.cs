using System.Collections.Concurrent;
using System.Text;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>An origin that answers from a table, path by path; what is not in it is an error.</summary>
internal sealed class FakeOrigin : IOrigin
{
    public ConcurrentDictionary<string, string> Responses { get; } = new();

    public ConcurrentQueue<string> Asked { get; } = new();

    public ResponseLedger Ledger { get; } = new();

    public string this[string path]
    {
        set => Responses[path] = value;
    }

    public OriginResponse Get(ReadOnlySpan<byte> path)
    {
        var text = Encoding.UTF8.GetString(path);
        Asked.Enqueue(text);
        return new FakeResponse(Responses.GetValueOrDefault(text), Ledger);
    }
}

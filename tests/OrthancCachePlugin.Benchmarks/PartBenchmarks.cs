using System.Text;
using BenchmarkDotNet.Attributes;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Benchmarks;

/// <summary>What every request goes through, part by part.</summary>
public class PartBenchmarks
{
    private const string Tag = "5080311c3c4d8021b7849106337b2f70";
    private readonly byte[] _path = Encoding.ASCII.GetBytes(Samples.SmallPath);
    private readonly byte[] _tags = Encoding.ASCII.GetBytes($"\"0000000000000000\", W/\"ffffffffffffffff\", \"{Tag}\"");
    private readonly byte[] _tag = Encoding.ASCII.GetBytes(Tag);
    private readonly byte[] _date = "Mon, 20 Feb 2023 14:00:00 GMT"u8.ToArray();
    private readonly byte[] _text = new byte[64];
    private readonly byte[] _key = new byte[96];
    private readonly byte[] _body = Samples.SmallBody();
    private readonly RequestPolicy _policy = new(new PolicyOptions());
    private readonly ResponseHeaders _headers = new(expirationDays: 7, literal: "", isPrivate: false);
    private readonly BenchmarkExchange _exchange = new(
        Samples.SmallPath, [], (RequestHeader.Accept, "*/*"), (RequestHeader.AcceptEncoding, "gzip, deflate, br, zstd"));

    [Benchmark]
    public bool RouteMatch() => RouteTable.TryMatch(_path, out _);

    [Benchmark]
    public RequestDecision RouteMatchPolicyAndKey()
    {
        Span<byte> buffer = stackalloc byte[RequestKey.MaximumSize];
        RouteTable.TryMatch(_path, out var match);
        return _policy.Read(_exchange, match, buffer, out _);
    }

    [Benchmark]
    public Digest128 DigestOfAKey() => Digest128.Of(_key);

    [Benchmark]
    public Digest128 DigestOfASmallBody() => Digest128.Of(_body);

    [Benchmark]
    public bool EntityTagInAList() => EntityTag.IsNamedBy(_tags, _tag);

    [Benchmark]
    public bool DateParse() => HttpDate.TryParse(_date, out _);

    [Benchmark]
    public void DateFormat() => HttpDate.Format(1_676_901_600, _text);

    [Benchmark]
    public void AllAnswerHeaders() =>
        _headers.Add(_exchange, 1_676_901_600, new Validators { HasTag = true, Tag = new Digest128(1, 2), LastModified = 1_676_901_600 }, new CacheOutcome(CacheResult.Hit));
}

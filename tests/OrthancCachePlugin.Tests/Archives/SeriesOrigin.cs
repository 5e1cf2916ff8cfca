using System.Text;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.Archives;

/// <summary>A patient with one study of one series.</summary>
internal sealed class SeriesOrigin(long size) : IOrigin
{
    private int _living;
    private int _most;

    public int Count { get; init; } = 12;

    public int Missing { get; init; } = -1;

    /// <summary>Called with each question.</summary>
    public Action Asked { get; init; } = () => { };

    public int Questions { get; private set; }

    public int Living => _living;

    public int MostAtOnce => _most;

    public static ResourceId Id(int number) =>
        ResourceId.TryParse(Encoding.ASCII.GetBytes($"00000000-00000000-00000000-00000000-{number:x8}"), out var id) ? id : default;

    public OriginResponse Get(ReadOnlySpan<byte> path)
    {
        Questions++;
        Asked();
        var text = Encoding.ASCII.GetString(path);
        if (text.StartsWith("/instances/", StringComparison.Ordinal))
        {
            if (text.StartsWith($"/instances/{Id(Missing)}/", StringComparison.Ordinal) && Missing > 0)
            {
                return OriginResponse.NotFound;
            }

            InterlockedMaximum(Interlocked.Increment(ref _living));
            return new Response(new byte[1000], () => Interlocked.Decrement(ref _living));
        }

        var ids = string.Join(",", Enumerable.Range(1, Count).Select(i => $"\"{Id(i)}\""));
        var instances = string.Join(",", Enumerable.Range(1, Count).Select(i => $"{{\"ID\":\"{Id(i)}\",\"FileSize\":{size},\"IndexInSeries\":{i}}}"));

        return new Response(
            Encoding.UTF8.GetBytes(
                text.StartsWith("/studies/", StringComparison.Ordinal) ? "{\"MainDicomTags\":{},\"PatientMainDicomTags\":{\"PatientID\":\"1\",\"PatientName\":\"P\"}}"
                : text.EndsWith("/instances", StringComparison.Ordinal) ? $"[{instances}]"
                : $"{{\"ParentStudy\":\"{Id(99)}\",\"MainDicomTags\":{{\"Modality\":\"CT\"}},\"Instances\":[{ids}]}}"),
            () => 0);
    }

    private void InterlockedMaximum(int value)
    {
        for (var present = _most; present < value; present = _most)
        {
            Interlocked.CompareExchange(ref _most, value, present);
        }
    }
}

file sealed class Response(byte[] body, Func<int> end) : OriginResponse
{
    public override bool IsSuccess => true;

    public override ReadOnlySpan<byte> Body => body;

    public override ReadOnlySpan<byte> ContentType => default;

    public override ReadOnlySpan<byte> ContentDisposition => default;

    public override ReadOnlySpan<byte> ContentEncoding => default;

    protected override void Dispose(bool disposing) => end();
}

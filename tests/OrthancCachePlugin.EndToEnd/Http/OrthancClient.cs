using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace OrthancCachePlugin.EndToEnd.Http;

/// <summary>
/// Raw HTTP to one server on 127.0.0.1. Thread-safe; connections are kept alive and shared out. A request is sent once: nothing is
/// repeated behind a test's back.
/// </summary>
public sealed class OrthancClient(int port) : IDisposable
{
    /// <summary>Orthanc drops a connection that was idle for 500 ms or more; ours are dropped well before.</summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMilliseconds(200);

    private const int RecentRequests = 8;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(120);
    private readonly ConcurrentBag<HttpConnection> idle = [];

    /// <summary>The last requests, for the message of a test in which the server died.</summary>
    public ConcurrentQueue<string> Recent { get; } = [];

    /// <summary>Headers that go with every request, such as credentials.</summary>
    public List<KeyValuePair<string, string>> DefaultHeaders { get; } = [];

    public HttpResponse Get(string target, params (string Name, string Value)[] headers) => Send("GET", target, null, headers);

    public HttpResponse Post(string target, string body) => Send("POST", target, Encoding.UTF8.GetBytes(body));

    public HttpResponse Post(string target, byte[] body) => Send("POST", target, body);

    public HttpResponse Put(string target, string body) => Send("PUT", target, Encoding.UTF8.GetBytes(body));

    public HttpResponse Delete(string target) => Send("DELETE", target, null);

    /// <summary>A GET that must succeed, as JSON.</summary>
    public JsonNode GetJson(string target)
    {
        var response = Get(target);
        return response.Status == 200
            ? JsonNode.Parse(response.Body)!
            : throw new InvalidDataException($"GET {target} gave {response.Status}: {response.Text}");
    }

    public HttpResponse Send(string method, string target, byte[]? body, params (string Name, string Value)[] headers)
    {
        Recent.Enqueue($"{method} {target} {string.Join(", ", headers.Select(h => $"{h.Name}: {h.Value}"))}");
        while (Recent.Count > RecentRequests)
        {
            Recent.TryDequeue(out _);
        }

        var connection = Rent();
        try
        {
            KeyValuePair<string, string>[] all = [.. DefaultHeaders, .. headers.Select(h => new KeyValuePair<string, string>(h.Name, h.Value))];
            return connection.Send(method, target, body, all);
        }
        finally
        {
            if (connection.IsReusable)
            {
                idle.Add(connection);
            }
            else
            {
                connection.Dispose();
            }
        }
    }

    public void Dispose()
    {
        while (idle.TryTake(out var connection))
        {
            connection.Dispose();
        }
    }

    private HttpConnection Rent()
    {
        while (idle.TryTake(out var connection))
        {
            if (Stopwatch.GetElapsedTime(connection.LastUse) < IdleLimit && !connection.IsClosed)
            {
                return connection;
            }

            connection.Dispose();
        }

        return new HttpConnection(port, Timeout);
    }
}

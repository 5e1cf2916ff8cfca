using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrthancCachePlugin.EndToEnd.Http;

/// <summary>
/// One keep-alive connection that sends exactly what it is told. <see cref="HttpClient"/> would tidy up targets and headers, and some
/// of these tests are about untidy ones. Used by one thread at a time.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private static readonly byte[] HeaderEnd = "\r\n\r\n"u8.ToArray();
    private readonly Socket socket;
    private readonly int port;
    private byte[] buffer = new byte[65536];
    private int start;
    private int end;

    public HttpConnection(int port, TimeSpan timeout)
    {
        this.port = port;
        socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.ReceiveTimeout = (int)timeout.TotalMilliseconds;
        socket.SendTimeout = socket.ReceiveTimeout;
        socket.Connect(IPAddress.Loopback, port);
    }

    /// <summary>False once the server has said, or the framing means, that no further request fits on this connection.</summary>
    public bool IsReusable { get; private set; } = true;

    /// <summary>When the last response was complete, as a <see cref="Stopwatch"/> time stamp.</summary>
    public long LastUse { get; private set; }

    /// <summary>
    /// True where the server has closed the connection, which it does sooner than <see cref="LastUse"/> tells when this process had to
    /// wait for the processor before it read the end of the last response.
    /// </summary>
    public bool IsClosed => socket.Poll(0, SelectMode.SelectRead);

    public HttpResponse Send(string method, string target, byte[]? body, IReadOnlyCollection<KeyValuePair<string, string>> headers)
    {
        IsReusable = false;
        var head = new StringBuilder();
        head.Append(method).Append(' ').Append(target).Append(" HTTP/1.1\r\nHost: 127.0.0.1:").Append(port).Append("\r\n");
        foreach (var (name, value) in headers)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        if (body is not null && !headers.Any(h => h.Key == "Content-Length"))
        {
            head.Append("Content-Length: ").Append(body.Length).Append("\r\n");
        }

        head.Append("\r\n");
        byte[] bytes = [.. Encoding.Latin1.GetBytes(head.ToString()), .. body ?? []];
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += socket.Send(bytes.AsSpan(sent));
        }

        var response = Receive(method);
        IsReusable &= !headers.Any(h => h is { Key: "Connection", Value: "close" });
        LastUse = Stopwatch.GetTimestamp();
        return response;
    }

    public void Dispose() => socket.Dispose();

    private HttpResponse Receive(string method)
    {
        var lines = Encoding.Latin1.GetString(TakeThrough(HeaderEnd)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':');
            headers.Add(new(line[..colon].Trim(), line[(colon + 1)..].Trim()));
        }

        var response = new HttpResponse(status, headers, []);
        var closes = string.Equals(response["Connection"], "close", StringComparison.OrdinalIgnoreCase);
        byte[] body;
        if (method == "HEAD" || status is 204 or 304)
        {
            body = [];
        }
        else if (string.Equals(response["Transfer-Encoding"], "chunked", StringComparison.OrdinalIgnoreCase))
        {
            body = TakeChunks();
        }
        else if (response["Content-Length"] is { } length)
        {
            body = Take(int.Parse(length, CultureInfo.InvariantCulture));
        }
        else
        {
            body = TakeRest();
            closes = true;
        }

        IsReusable = !closes;
        return response with { Body = body };
    }

    private byte[] TakeChunks()
    {
        using var body = new MemoryStream();
        while (true)
        {
            var line = Encoding.Latin1.GetString(TakeThrough("\r\n"u8.ToArray())).Trim();
            var size = int.Parse(line.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Write(Take(size));
            TakeThrough("\r\n"u8.ToArray());
            if (size == 0)
            {
                return body.ToArray();
            }
        }
    }

    private byte[] TakeRest()
    {
        while (Fill())
        {
        }

        return Take(end - start);
    }

    private byte[] TakeThrough(byte[] mark)
    {
        int at;
        while ((at = buffer.AsSpan(start, end - start).IndexOf(mark)) < 0)
        {
            if (!Fill())
            {
                throw new EndOfStreamException($"The server closed the connection in the middle of a response ({end - start} bytes of it came).");
            }
        }

        return Take(at + mark.Length);
    }

    private byte[] Take(int count)
    {
        while (end - start < count)
        {
            if (!Fill())
            {
                throw new EndOfStreamException($"The server closed the connection {count - (end - start)} bytes too early.");
            }
        }

        var taken = buffer.AsSpan(start, count).ToArray();
        start += count;
        return taken;
    }

    private bool Fill()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        var read = socket.Receive(buffer.AsSpan(end));
        end += read;
        return read > 0;
    }
}

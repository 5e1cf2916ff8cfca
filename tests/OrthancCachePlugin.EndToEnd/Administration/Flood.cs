using OrthancCachePlugin.EndToEnd.Servers;

namespace OrthancCachePlugin.EndToEnd.Administration;

/// <summary>Clients that ask again and again, so that warm-up has to let them go first. Ends with its owner.</summary>
internal sealed class Flood : IDisposable
{
    private readonly List<Thread> threads = [];
    private volatile bool isOver;

    public Flood(OrthancServer server, string target)
    {
        for (var i = 0; i < 2; i++)
        {
            threads.Add(new Thread(() =>
            {
                using var client = new OrthancClient(server.HttpPort);
                while (!isOver)
                {
                    try
                    {
                        client.Get(target);
                    }
                    catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
                    {
                        return; // the server stops
                    }
                }
            }));
        }

        threads.ForEach(t => t.Start());
    }

    public void Dispose()
    {
        isOver = true;
        threads.ForEach(t => t.Join());
    }
}

namespace OrthancCachePlugin.Core.Storage;

/// <summary>A queue with its own background threads. Threads of the shared pool will not do: FASTER and the host may have used them up.</summary>
/// <remarks>Thread-safe. An exception that left a thread would end the process: what the handler throws is handed to who owns the queue.</remarks>
internal sealed class WorkQueue<T> : IDisposable
{
    private const int StackSize = 512 * 1024;

    private readonly Queue<T> items = new();
    private readonly Action<T> handler;
    private readonly Action<Exception> failed;
    private bool closed;

    /// <param name="name">Of the threads.</param>
    /// <param name="threads">How many.</param>
    /// <param name="handler">Called for each item, on one of the threads.</param>
    /// <param name="failed">Told what the handler throws; must not throw.</param>
    public WorkQueue(string name, int threads, Action<T> handler, Action<Exception> failed)
    {
        this.handler = handler;
        this.failed = failed;
        for (var i = 0; i < threads; i++)
        {
            new Thread(Run, StackSize) { IsBackground = true, Name = name }.Start();
        }
    }

    /// <summary>Hands an item to one of the threads.</summary>
    /// <returns>False once closed.</returns>
    public bool TryAdd(T item)
    {
        lock (items)
        {
            if (closed)
            {
                return false;
            }

            items.Enqueue(item);
            Monitor.Pulse(items);
            return true;
        }
    }

    /// <summary>Lets the threads end once they have emptied the queue; does not wait for them.</summary>
    public void Dispose()
    {
        lock (items)
        {
            closed = true;
            Monitor.PulseAll(items);
        }
    }

    private void Run()
    {
        while (true)
        {
            T item;
            lock (items)
            {
                while (items.Count == 0)
                {
                    if (closed)
                    {
                        return;
                    }

                    Monitor.Wait(items);
                }

                item = items.Dequeue();
            }

            try
            {
                handler(item);
            }
            catch (Exception e)
            {
                failed(e);
            }
        }
    }
}

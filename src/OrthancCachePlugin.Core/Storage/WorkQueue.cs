namespace OrthancCachePlugin.Core.Storage;

/// <summary>A queue with its own background threads. Threads of the shared pool will not do: FASTER and the host may have used them up.</summary>
/// <remarks>Thread-safe. The handler must not throw.</remarks>
internal sealed class WorkQueue<T> : IDisposable
{
    private const int StackSize = 512 * 1024;

    private readonly Queue<T> items = new();
    private readonly Action<T> handler;
    private bool closed;

    public WorkQueue(string name, int threads, Action<T> handler)
    {
        this.handler = handler;
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

            handler(item);
        }
    }
}

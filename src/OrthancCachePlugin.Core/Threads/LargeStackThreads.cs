using System.Runtime.ExceptionServices;
using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Core.Threads;

/// <summary>Threads with large stacks, on which the origin is asked while the thread of the HTTP server waits. Made as they are needed, one for each
/// request that waits, and kept.</summary>
/// <remarks>Orthanc's HTTP server (civetweb 1.15 in Debian) gives its threads 100 KiB of stack, of which an archive needs 71 KiB: a plugin that asks
/// for one from the callback itself ends the server as soon as it has used 5 KiB of its own (1.10.1).</remarks>
public sealed class LargeStackThreads(ILog log, IThreadNames names) : IDisposable
{
    private const int StackSize = 4 << 20;
    private static readonly TimeSpan FinalizeTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Stack<Worker> _idle = new();
    private readonly List<Worker> _all = [];
    private bool _isClosed;

    public interface IWork
    {
        void Execute();
    }

    /// <summary>Work that is a method.</summary>
    public sealed class Work(Action action) : IWork
    {
        public void Execute() => action();
    }

    /// <summary>Runs work on one of the threads and waits for it. What it throws is thrown here.</summary>
    /// <exception cref="ObjectDisposedException">The plugin is being finalized.</exception>
    public void Run(IWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var worker = Rent();
        try
        {
            worker.Run(work);
        }
        finally
        {
            Return(worker);
        }
    }

    /// <summary>Runs the same work on several of the threads at once and waits for all. What the first one throws is thrown here.</summary>
    /// <exception cref="ObjectDisposedException">The plugin is being finalized.</exception>
    public void Run(int count, IWork work)
    {
        var workers = new List<Worker>(count);
        ExceptionDispatchInfo? failure = null;
        try
        {
            while (workers.Count < count)
            {
                var worker = Rent();
                worker.Begin(work);
                workers.Add(worker);
            }
        }
        finally
        {
            foreach (var worker in workers)
            {
                failure = worker.End() ?? failure;
                Return(worker);
            }
        }

        failure?.Throw();
    }

    /// <summary>Runs work, which must not throw, on one of the threads and does not wait for it. Where the plugin is being finalized, it does not run.</summary>
    public void Start(Action work)
    {
        try
        {
            var worker = Rent();
            worker.Begin(new Work(work), ended: Return);
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits for it.
        }
    }

    public void Dispose()
    {
        Worker[] workers;
        lock (_lock)
        {
            _isClosed = true;
            workers = [.. _all];
            _all.Clear();
            _idle.Clear();
        }

        Array.ForEach(workers, w => w.Stop());
        foreach (var worker in workers)
        {
            if (!worker.Join(FinalizeTimeout))
            {
                LogMessages.ThreadStillBusy(log);
            }
        }
    }

    private Worker Rent()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (_idle.TryPop(out var worker))
            {
                return worker;
            }

            var created = new Worker(StackSize, names);
            _all.Add(created);
            return created;
        }
    }

    private void Return(Worker worker)
    {
        lock (_lock)
        {
            if (!_isClosed)
            {
                _idle.Push(worker);
            }
        }
    }

    private sealed class Worker
    {
        private readonly Lock _gate = new();
        private readonly Signal _begun = new();
        private readonly Signal _done = new();
        private readonly Thread _thread;
        private readonly IThreadNames _names;
        private IWork? _work;
        private Action<Worker>? _ended;
        private ExceptionDispatchInfo? _failure;
        private bool _isStopped;
        private bool _isAbandoned;

        public Worker(int stackSize, IThreadNames names)
        {
            _names = names;
            _thread = new Thread(Loop, stackSize) { IsBackground = true, Name = "response-cache" };
            _thread.Start();
        }

        /// <param name="work">What the thread is to do.</param>
        /// <param name="ended">What happens to this afterwards where nobody waits with <see cref="End"/>.</param>
        public void Begin(IWork work, Action<Worker>? ended = null)
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isStopped, this);
                _work = work;
                _ended = ended;
            }

            _begun.Set();
        }

        /// <summary>Waits for the work, and returns what it threw.</summary>
        public ExceptionDispatchInfo? End()
        {
            _done.Wait();
            return Interlocked.Exchange(ref _failure, null);
        }

        public void Run(IWork work)
        {
            Begin(work);
            End()?.Throw();
        }

        public void Stop()
        {
            lock (_gate)
            {
                _isStopped = true;
            }

            _begun.Set();
        }

        /// <summary>Waits for its end. After a timeout the thread calls Orthanc no more.</summary>
        public bool Join(TimeSpan timeout)
        {
            if (_thread.Join(timeout))
            {
                return true;
            }

            lock (_gate)
            {
                _isAbandoned = true;
            }

            return false;
        }

        private void Loop()
        {
            _names.Enter("CACHE-REQUEST");
            while (WaitForWork(out var work, out var ended))
            {
                try
                {
                    work?.Execute();
                }
                catch (Exception exception) when (ended is null)
                {
                    _failure = ExceptionDispatchInfo.Capture(exception);
                }
                catch (Exception)
                {
                    // Nobody waits for it.
                }

                if (ended is not null)
                {
                    ended(this);
                }
                else if (work is not null)
                {
                    _done.Set();
                }
            }

            lock (_gate)
            {
                if (!_isAbandoned)
                {
                    _names.Leave();
                }
            }
        }

        /// <summary>False once it is stopped and has done what was begun before.</summary>
        private bool WaitForWork(out IWork? work, out Action<Worker>? ended)
        {
            _begun.Wait();
            lock (_gate)
            {
                (work, ended) = (_work, _ended);
                (_work, _ended) = (null, null);
                return work is not null || !_isStopped;
            }
        }
    }
}

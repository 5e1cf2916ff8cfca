using System.Runtime.ExceptionServices;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Threads;

namespace OrthancCachePlugin.Host;

/// <summary>
/// Threads with room on their stacks, on which the origin is asked while the thread of the HTTP server waits.
/// </summary>
/// <remarks>
/// Orthanc's HTTP server (civetweb 1.15 in Debian) gives its threads 100 KiB of stack, of which an archive needs 71 KiB: a plugin that
/// asks for one from the callback itself ends the server as soon as it has used 5 KiB of its own (1.10.1; seen with any local array of
/// 8 KiB above CallRestApi). Threads are made as they are needed, one for each request that waits, and kept: two for each
/// thread of the HTTP server at the most, for answers about many instances have threads of their own. Once the origin has built one of
/// 24 MB on a thread, the C library (glibc 2.36) takes a tenth longer there for the small pieces of which it builds any answer.
/// </remarks>
internal sealed class BigStackThreads(ILog log, IThreadNames names) : IDisposable
{
    private const int StackSize = 4 << 20;
    private static readonly TimeSpan FinalizeTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Stack<Worker> _idleForSmall = new();
    private readonly Stack<Worker> _idleForLarge = new();
    private readonly List<Worker> _all = [];
    private bool _isClosed;

    /// <summary>Runs work on one of the threads and waits for it. What it throws is thrown here.</summary>
    /// <exception cref="ObjectDisposedException">The plugin is being finalized.</exception>
    public void Run(IWork work)
    {
        var idle = work.IsLarge ? _idleForLarge : _idleForSmall;
        var worker = Rent(idle);
        try
        {
            worker.Run(work);
        }
        finally
        {
            Return(worker, idle);
        }
    }

    /// <summary>Ends the threads; whoever still runs is waited for, but not for ever.</summary>
    public void Dispose()
    {
        Worker[] workers;
        lock (_lock)
        {
            _isClosed = true;
            workers = [.. _all];
            _all.Clear();
            _idleForSmall.Clear();
            _idleForLarge.Clear();
        }

        foreach (var worker in workers)
        {
            worker.Stop();
        }

        foreach (var worker in workers)
        {
            if (!worker.Join(FinalizeTimeout))
            {
                LogMessages.ThreadStillBusy(log);
            }
        }
    }

    private Worker Rent(Stack<Worker> idle)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (idle.TryPop(out var worker))
            {
                return worker;
            }

            var created = new Worker(StackSize, names);
            _all.Add(created);
            return created;
        }
    }

    private void Return(Worker worker, Stack<Worker> idle)
    {
        lock (_lock)
        {
            if (!_isClosed)
            {
                idle.Push(worker);
            }
        }
    }

    /// <summary>Something to be done with room on the stack.</summary>
    internal interface IWork
    {
        /// <summary>Whether the response may be about many instances.</summary>
        bool IsLarge { get; }

        /// <summary>Called once on a thread with room.</summary>
        void Execute();
    }

    private sealed class Worker
    {
        private readonly Signal _go = new();
        private readonly Signal _done = new();
        private readonly Lock _end = new();
        private readonly Thread _thread;
        private readonly IThreadNames _names;
        private IWork? _work;
        private ExceptionDispatchInfo? _failure;
        private bool _isStopped;
        private bool _isAbandoned;

        public Worker(int stackSize, IThreadNames names)
        {
            _names = names;
            _thread = new Thread(Loop, stackSize) { IsBackground = true, Name = "response-cache" };
            _thread.Start();
        }

        public void Run(IWork work)
        {
            lock (_end)
            {
                ObjectDisposedException.ThrowIf(_isStopped, this);
                _work = work;
            }

            _go.Set();
            _done.Wait();
            var failure = _failure;
            _failure = null;
            failure?.Throw();
        }

        /// <summary>Lets the thread end once it has done what it does: it wakes and finds nothing to do.</summary>
        public void Stop()
        {
            lock (_end)
            {
                _isStopped = true;
            }

            _go.Set();
        }

        /// <summary>Waits for its end. If it comes too late, the thread asks Orthanc nothing any more.</summary>
        public bool Join(TimeSpan timeout)
        {
            if (_thread.Join(timeout))
            {
                return true;
            }

            lock (_end)
            {
                _isAbandoned = true;
            }

            return false;
        }

        private void Loop()
        {
            _names.Enter("CACHE-REQUEST");
            Work();
            lock (_end)
            {
                if (!_isAbandoned)
                {
                    _names.Leave();
                }
            }
        }

        private void Work()
        {
            while (true)
            {
                _go.Wait();
                if (_work is not { } work)
                {
                    return;
                }

                try
                {
                    work.Execute();
                }
                catch (Exception exception)
                {
                    _failure = ExceptionDispatchInfo.Capture(exception);
                }

                _work = null;
                _done.Set();
            }
        }
    }
}

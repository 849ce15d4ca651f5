namespace NatsKv.LoadTest.Rows;

/// <summary>Counts what a watch brings.</summary>
internal sealed class CountingHandler : INatsKvWatchHandler, IDisposable
{
    private readonly ManualResetEventSlim _initialDataComplete = new();
    private readonly ManualResetEventSlim _reached = new();
    private long _awaited = long.MaxValue;
    private long _entries;
    private volatile Exception? _interruption;

    public long Entries => Volatile.Read(ref _entries);

    public void OnEntry(NatsKvEntryView entry)
    {
        // Handlers are called by one thread at a time.
        long entries = _entries + 1;
        Volatile.Write(ref _entries, entries);
        if (entries >= Volatile.Read(ref _awaited))
        {
            _reached.Set();
        }
    }

    public void OnInitialDataComplete() => _initialDataComplete.Set();

    public void OnReset() => _interruption = new InvalidOperationException("The bucket was made anew while it was measured.");

    public void OnInterrupted(Exception cause) => _interruption = cause;

    public void WaitForInitialData() => Wait(_initialDataComplete);

    public void WaitForEntries(long count)
    {
        while (true)
        {
            _reached.Reset();
            Volatile.Write(ref _awaited, count);

            // Either the handler sees what is awaited, or its last entry is seen here. Its own write and read may change places; so that it
            // needs no barrier for each entry, this one is for all threads.
            Interlocked.MemoryBarrierProcessWide();
            if (Entries >= count)
            {
                Volatile.Write(ref _awaited, long.MaxValue);
                return;
            }

            // Looked at again afterwards: a handler that was held up may have signalled what an earlier call awaited.
            Wait(_reached);
        }
    }

    public void Dispose()
    {
        _initialDataComplete.Dispose();
        _reached.Dispose();
    }

    private void Wait(ManualResetEventSlim what)
    {
        if (!what.Wait(TimeSpan.FromSeconds(60)))
        {
            throw new TimeoutException($"The watch stands at {Entries} entries.", _interruption);
        }

        if (_interruption is { } interruption)
        {
            throw new InvalidOperationException("The watch was interrupted, so this is no measurement.", interruption);
        }
    }
}

using System.Collections.Concurrent;

namespace NatsKv.Tests.Watching;

/// <summary>Counts what a watch calls.</summary>
internal sealed class CountingHandler : INatsKvWatchHandler
{
    private int _entries;
    private int _completions;
    private int _resets;

    public int Entries => Volatile.Read(ref _entries);

    public int Completions => Volatile.Read(ref _completions);

    public int Resets => Volatile.Read(ref _resets);

    public ConcurrentQueue<Exception> Interruptions { get; } = [];

    public Action<NatsKvEntryView>? OnEach { get; init; }

    public Action<Exception>? OnInterruption { get; init; }

    public void OnEntry(NatsKvEntryView entry)
    {
        Interlocked.Increment(ref _entries);
        OnEach?.Invoke(entry);
    }

    public void OnInitialDataComplete() => Interlocked.Increment(ref _completions);

    public void OnReset() => Interlocked.Increment(ref _resets);

    public void OnInterrupted(Exception cause)
    {
        Interruptions.Enqueue(cause);
        OnInterruption?.Invoke(cause);
    }
}

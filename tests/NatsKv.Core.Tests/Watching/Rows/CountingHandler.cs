namespace NatsKv.Tests.Watching.Rows;

/// <summary>Keeps nothing of what a watch calls but how much it was.</summary>
internal sealed class CountingHandler : INatsKvWatchHandler
{
    private long _entries;

    public long Entries => Volatile.Read(ref _entries);

    public int Completions { get; private set; }

    public void OnEntry(NatsKvEntryView entry) => Volatile.Write(ref _entries, _entries + 1);

    public void OnInitialDataComplete() => Completions++;

    public void OnReset()
    {
    }

    public void OnInterrupted(Exception cause)
    {
    }
}

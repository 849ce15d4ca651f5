namespace NatsKv.Tests.Watching;

/// <summary>Passes on what a watch calls.</summary>
internal sealed class RecordingHandler(Action<NatsKvEntry> onEntry, Action<Exception>? onInterrupted = null) : INatsKvWatchHandler
{
    public void OnEntry(NatsKvEntryView entry) => onEntry(entry.ToEntry());

    public void OnInitialDataComplete()
    {
    }

    public void OnReset()
    {
    }

    public void OnInterrupted(Exception cause) => onInterrupted?.Invoke(cause);
}

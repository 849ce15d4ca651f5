using System.Text;

namespace NatsKv.Configuration.Tests.Fakes;

internal sealed class FakeWatch(FakeServer server, INatsKvWatchHandler handler, string filter) : INatsKvWatch
{
    public INatsKvWatchHandler Handler => handler;

    public NatsKvWatchState State => NatsKvWatchState.Following;

    public ulong LastRevision { get; private set; }

    public NatsKvWatchStatus Status => new() { State = State, LastRevision = LastRevision };

    public ValueTask<NatsKvWatchStatus> WaitForStateAsync(NatsKvWatchState state, CancellationToken cancellationToken) =>
        state == State ? new ValueTask<NatsKvWatchStatus>(Status) : throw new NotSupportedException();

    public ValueTask WaitForRevisionAsync(ulong revision, CancellationToken cancellationToken) =>
        LastRevision >= revision ? ValueTask.CompletedTask : throw new NotSupportedException();

    public void Send(string key, FakeEntry entry)
    {
        if (!key.StartsWith(filter[..^1], StringComparison.Ordinal))
        {
            return;
        }

        LastRevision = entry.Revision;
        handler.OnEntry(new NatsKvEntryView
        {
            Bucket = "fake",
            Key = key,
            Value = entry.Value,
            Headers = new NatsKvHeaderBlock(entry.Headers is null ? default : Encoding.ASCII.GetBytes($"NATS/1.0\r\n{entry.Headers}\r\n\r\n")),
            Revision = entry.Revision,
            Created = DateTimeOffset.UnixEpoch,
            Operation = entry.Operation,
        });
    }

    public void Dispose() => server.Remove(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}

using NATS.Client.Core;

namespace NatsKv.NatsNet;

/// <summary>
/// Numbers the connections that the official client makes. Its events come through a queue, so late and out of step with messages; but the
/// server's description is replaced before anything else of a new connection is read. So a new connection is seen in the description's
/// client id, by whoever looks first: a caller, a message, or at last the event.
/// </summary>
internal sealed class ConnectionEpoch(INatsConnection connection)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = NewSignal();
    private INatsServerInfo? _seen;
    private long _epoch;

    /// <summary>How many connections there have been.</summary>
    public long Current
    {
        get
        {
            if (connection.ConnectionState == NatsConnectionState.Open)
            {
                ObserveMessage();
            }

            return Volatile.Read(ref _epoch);
        }
    }

    /// <summary>A message has come, which proves that the connection described last is made.</summary>
    public void ObserveMessage()
    {
        if (!ReferenceEquals(connection.ServerInfo, Volatile.Read(ref _seen)))
        {
            Observe();
        }
    }

    public async ValueTask<long> WaitForAnotherAsync(long epoch, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
            }

            if (Current is var current && current != epoch)
            {
                return current;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends every wait.</summary>
    public void Fail(Exception error)
    {
        lock (_gate)
        {
            _changed.TrySetException(error);
            _ = _changed.Task.Exception;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Observe()
    {
        lock (_gate)
        {
            // Read again: another thread may have seen a newer one meanwhile.
            INatsServerInfo? info = connection.ServerInfo;
            bool isSame = info is null || (_seen is { } seen && seen.ClientId == info.ClientId && seen.Id == info.Id);
            _seen = info;
            if (isSame)
            {
                // A server describes itself anew, for example when its cluster changes.
                return;
            }

            _epoch++;
            if (_changed.TrySetResult())
            {
                _changed = NewSignal();
            }
        }
    }
}

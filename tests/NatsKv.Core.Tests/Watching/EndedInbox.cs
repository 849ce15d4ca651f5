using NatsKv.Transport;

namespace NatsKv.Tests.Watching;

/// <summary>An inbox that has ended, without saying why.</summary>
internal sealed class EndedInbox(INatsInbox inner) : INatsInbox
{
    public string Subject => inner.Subject;

    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => new(false);

    public bool TryRead(out NatsMessage message)
    {
        message = default;
        return false;
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

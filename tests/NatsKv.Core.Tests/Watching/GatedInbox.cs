using NatsKv.Transport;

namespace NatsKv.Tests.Watching;

/// <summary>An inbox that shows nothing of what it has before a gate opens.</summary>
internal sealed class GatedInbox(INatsInbox inner, Task gate) : INatsInbox
{
    public string Subject => inner.Subject;

    public async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        return await inner.WaitToReadAsync(cancellationToken);
    }

    public bool TryRead(out NatsMessage message)
    {
        message = default;
        return gate.IsCompleted && inner.TryRead(out message);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

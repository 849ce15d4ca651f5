using NatsKv.Transport;

namespace NatsKv.Tests.Watching;

/// <summary>An inbox that is left only after something else has come to pass.</summary>
internal sealed class LateInbox(INatsInbox inner, Func<Task> beforeDisposal) : INatsInbox
{
    public string Subject => inner.Subject;

    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => inner.WaitToReadAsync(cancellationToken);

    public bool TryRead(out NatsMessage message) => inner.TryRead(out message);

    public async ValueTask DisposeAsync()
    {
        await beforeDisposal();
        await inner.DisposeAsync();
    }
}

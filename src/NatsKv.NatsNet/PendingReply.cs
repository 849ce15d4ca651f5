using System.Buffers;
using NatsKv.Transport;

namespace NatsKv.NatsNet;

/// <summary>A request that waits for its reply; or one whose replies all go to an inbox.</summary>
internal sealed class PendingReply(long id, NatsSubject subject, long epoch, long deadline, MessageInbox? inbox)
    : TaskCompletionSource<NatsMessage>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public long Id { get; } = id;

    public NatsSubject Subject { get; } = subject;

    /// <summary>The connection that it was sent over.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>The time stamp at which its time is up.</summary>
    public long Deadline { get; } = deadline;

    public void Receive(string subject, string? replyTo, in ReadOnlySequence<byte> headers, in ReadOnlySequence<byte> payload)
    {
        if (inbox is not null)
        {
            inbox.Receive(subject, replyTo, headers, payload);
            return;
        }

        var reply = new QueuedMessage("", null, headers, payload);
        if (!TrySetResult(reply.ToMessage(pooled: true)))
        {
            reply.Recycle();
        }
    }

    /// <summary>There will be no reply.</summary>
    public void Fail(Exception error)
    {
        if (inbox is not null)
        {
            inbox.Close(error);
        }
        else
        {
            TrySetException(error);
        }
    }

    /// <summary>Nobody waits any more: a reply that comes, or has come, gives its buffer back.</summary>
    public void Abandon()
    {
        if (!TrySetCanceled(CancellationToken.None) && Task.IsCompletedSuccessfully)
        {
            Task.Result.Dispose();
        }
    }
}

using System.Buffers;
using NatsKv.Transport;

namespace NatsKv.NatsNet;

/// <summary>A request that waits for its reply; or one whose replies all go to an inbox.</summary>
internal sealed class PendingReply(ReplyTable table, long id, NatsSubject subject, long epoch, long deadline)
{
    private readonly Lock _gate = new();
    private CancellationTokenRegistration _cancellation;
    private Exception? _errorWhileSending;
    private bool _isSent;
    private bool _isDone;

    public long Id { get; } = id;

    public NatsSubject Subject { get; } = subject;

    /// <summary>The connection that it was sent over.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>The time stamp at which its time is up.</summary>
    public long Deadline { get; } = deadline;

    /// <summary>How long it may wait, for the message that says that this was too long.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>Told of the outcome, unless there is an <see cref="Inbox"/>.</summary>
    public INatsReplyHandler? Handler { get; init; }

    public MessageInbox? Inbox { get; init; }

    /// <summary>The message has been handed to the connection. Until then its bytes are in use, and no error may be told.</summary>
    public void OnSent(CancellationToken cancellationToken)
    {
        Exception? error;
        lock (_gate)
        {
            _isSent = true;
            error = _errorWhileSending;
        }

        if (error is not null)
        {
            Fail(error);
            return;
        }

        CancellationTokenRegistration cancellation = cancellationToken.UnsafeRegister(
            static (state, token) => ((PendingReply)state!).Fail(new OperationCanceledException(token)), this);
        lock (_gate)
        {
            if (!_isDone)
            {
                _cancellation = cancellation;
                return;
            }
        }

        cancellation.Unregister();
    }

    public void Receive(string subject, string? replyTo, in ReadOnlySequence<byte> headers, in ReadOnlySequence<byte> payload)
    {
        if (Inbox is { } inbox)
        {
            inbox.Receive(subject, replyTo, headers, payload);
        }
        else if (TryFinish())
        {
            if (headers.IsSingleSegment && payload.IsSingleSegment)
            {
                Handler!.OnReply(new NatsReply(headers.FirstSpan, payload.FirstSpan));
                return;
            }

            var joined = new QueuedMessage("", null, headers, payload);
            Handler!.OnReply(joined.ToMessage(pooled: false).AsReply());
            joined.Recycle();
        }
    }

    /// <summary>There will be no reply.</summary>
    public void Fail(Exception error)
    {
        if (Inbox is { } inbox)
        {
            inbox.Close(error);
            return;
        }

        lock (_gate)
        {
            if (!_isSent)
            {
                _errorWhileSending ??= error;
                return;
            }
        }

        if (TryFinish())
        {
            Handler!.OnError(error);
        }
    }

    // Whoever is first decides.
    private bool TryFinish()
    {
        lock (_gate)
        {
            if (_isDone)
            {
                return false;
            }

            _isDone = true;
        }

        table.End(this);
        _cancellation.Unregister();
        return true;
    }
}

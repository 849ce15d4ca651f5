using System.Buffers;
using System.Collections.Concurrent;
using NatsKv.Connection;
using NatsKv.Transport;

namespace NatsKv.Tests.Connection;

/// <summary>The built-in connection, with a list of what was asked and sent over it, and places to interfere.</summary>
internal sealed class RecordingTransport(NatsTransportContext context) : INatsTransport
{
    private readonly NatsConnection _inner = new(context);
    private int _asked;
    private int _answered;

    public ConcurrentQueue<string> Subjects { get; } = [];

    /// <summary>The same with everything.</summary>
    public ConcurrentQueue<(string Subject, byte[] Headers, byte[] Body)> Sent { get; } = [];

    /// <summary>Runs before a request is sent, with its subject; what it throws is the request's outcome.</summary>
    public Func<string, ValueTask>? BeforeRequest { get; set; }

    /// <summary>Given a request's subject and the payload of its answer, the payload to take in its place.</summary>
    public Func<string, byte[], byte[]>? Answer { get; set; }

    /// <summary>How many requests have been sent.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>How many of them have an outcome.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Puts another inbox in the place of one.</summary>
    public Func<INatsInbox, INatsInbox>? Replace { get; set; }

    public NatsKvServerInfo? Server => _inner.Server;

    public long Epoch => _inner.Epoch;

    public int Count(string part) => Subjects.Count(subject => subject.Contains(part, StringComparison.Ordinal));

    public ValueTask<long> WaitForEpochAsync(long epoch, CancellationToken cancellationToken) => _inner.WaitForEpochAsync(epoch, cancellationToken);

    public ValueTask PublishAsync(NatsOutgoingMessage message, CancellationToken cancellationToken) => _inner.PublishAsync(Record(message), cancellationToken);

    public void BeginRequest(in NatsOutgoingMessage message, INatsReplyHandler handler, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        Record(message);
        handler = new CountedHandler(this, handler);
        if (BeforeRequest is not null || Answer is not null)
        {
            _ = BeginLaterAsync(message, handler, cancellationToken);
        }
        else
        {
            _inner.BeginRequest(message, handler, cancellationToken);
        }
    }

    public NatsMessage Request(NatsOutgoingMessage message, CancellationToken cancellationToken) => _inner.Request(Record(message), cancellationToken);

    public ValueTask<INatsInbox> RequestManyAsync(NatsOutgoingMessage message, CancellationToken cancellationToken) =>
        _inner.RequestManyAsync(Record(message), cancellationToken);

    public async ValueTask<INatsInbox> SubscribeAsync(int maxPendingBytes, CancellationToken cancellationToken)
    {
        INatsInbox inbox = await _inner.SubscribeAsync(maxPendingBytes, cancellationToken);
        return Replace?.Invoke(inbox) ?? inbox;
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public void Dispose() => _inner.Dispose();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private async Task BeginLaterAsync(NatsOutgoingMessage message, INatsReplyHandler handler, CancellationToken cancellationToken)
    {
        string subject = message.Subject.ToString();
        NatsMessage answer;
        try
        {
            await (BeforeRequest?.Invoke(subject) ?? default);
            answer = await _inner.RequestAsync(message, cancellationToken);
        }
        catch (Exception exception)
        {
            handler.OnError(exception);
            return;
        }

        using (answer)
        {
            byte[] payload = answer.Payload.ToArray();
            handler.OnReply(new NatsReply(answer.Headers.Bytes, Answer?.Invoke(subject, payload) ?? payload));
        }
    }

    private NatsOutgoingMessage Record(NatsOutgoingMessage message)
    {
        Subjects.Enqueue(message.Subject.ToString());
        Sent.Enqueue((message.Subject.ToString(), message.Headers.ToArray(), message.Payload.ToArray()));
        return message;
    }

    private sealed class CountedHandler(RecordingTransport transport, INatsReplyHandler handler) : INatsReplyHandler
    {
        public void OnReply(in NatsReply reply)
        {
            handler.OnReply(reply);
            Interlocked.Increment(ref transport._answered);
        }

        public void OnError(Exception error)
        {
            handler.OnError(error);
            Interlocked.Increment(ref transport._answered);
        }
    }
}

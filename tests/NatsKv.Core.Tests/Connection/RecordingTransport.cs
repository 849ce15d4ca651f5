using System.Collections.Concurrent;
using NatsKv.Connection;
using NatsKv.Transport;

namespace NatsKv.Tests.Connection;

/// <summary>The built-in connection, with a list of what was asked and sent over it.</summary>
internal sealed class RecordingTransport(NatsTransportContext context) : INatsTransport
{
    private readonly NatsConnection _inner = new(context);

    public ConcurrentQueue<string> Subjects { get; } = [];

    public NatsKvServerInfo? Server => _inner.Server;

    public long Epoch => _inner.Epoch;

    public int Count(string part) => Subjects.Count(subject => subject.Contains(part, StringComparison.Ordinal));

    public ValueTask<long> WaitForEpochAsync(long epoch, CancellationToken cancellationToken) => _inner.WaitForEpochAsync(epoch, cancellationToken);

    public ValueTask PublishAsync(NatsOutgoingMessage message, CancellationToken cancellationToken) => _inner.PublishAsync(Record(message), cancellationToken);

    public void BeginRequest(in NatsOutgoingMessage message, INatsReplyHandler handler, CancellationToken cancellationToken) =>
        _inner.BeginRequest(Record(message), handler, cancellationToken);

    public NatsMessage Request(NatsOutgoingMessage message, CancellationToken cancellationToken) => _inner.Request(Record(message), cancellationToken);

    public ValueTask<INatsInbox> RequestManyAsync(NatsOutgoingMessage message, CancellationToken cancellationToken) =>
        _inner.RequestManyAsync(Record(message), cancellationToken);

    public ValueTask<INatsInbox> SubscribeAsync(int maxPendingBytes, CancellationToken cancellationToken) => _inner.SubscribeAsync(maxPendingBytes, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public void Dispose() => _inner.Dispose();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private NatsOutgoingMessage Record(NatsOutgoingMessage message)
    {
        Subjects.Enqueue(message.Subject.ToString());
        return message;
    }
}

using NatsKv.Transport;

namespace NatsKv.NatsNet;

/// <summary>A reply that a thread blocks for. Whoever is first decides, the reply or the one who gives up.</summary>
internal sealed class BlockingReply : TaskCompletionSource<NatsMessage>, INatsReplyHandler
{
    public void OnReply(in NatsReply reply) => SetResult(reply.ToMessage());

    public void OnError(Exception error) => SetException(error);
}

using System.Buffers;

namespace NatsKv.NatsNet;

/// <summary>Takes in the messages of a subscription, on the official client's read loop: copies and returns, and never throws.</summary>
internal interface IMessageSink
{
    /// <summary>A message has come. Its bytes are the client's again afterwards.</summary>
    void Receive(string subject, string? replyTo, in ReadOnlySequence<byte> headers, in ReadOnlySequence<byte> payload);

    /// <summary>No more will come: the subscription was ended, by us or with the connection.</summary>
    void End();
}

namespace NatsKv.Wire;

/// <summary>One protocol frame; its parts point into the receive buffer.</summary>
internal ref struct Frame
{
    public FrameKind Kind;

    /// <summary>Subject of a message.</summary>
    public ReadOnlySpan<byte> Subject;

    /// <summary>Subject for the answer to a message; may be empty.</summary>
    public ReadOnlySpan<byte> ReplyTo;

    /// <summary>The subscription that a message belongs to.</summary>
    public long SubscriptionId;

    /// <summary>Header block of a message; may be empty.</summary>
    public ReadOnlySpan<byte> Headers;

    /// <summary>Payload of a message, text of an error, document of an info.</summary>
    public ReadOnlySpan<byte> Payload;
}

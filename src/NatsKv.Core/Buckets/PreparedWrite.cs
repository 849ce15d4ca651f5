using System.Buffers;
using NatsKv.Transport;

namespace NatsKv.Buckets;

/// <summary>A write as it is sent, once or several times.</summary>
internal readonly record struct PreparedWrite
{
    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The message.</summary>
    public required NatsOutgoingMessage Message { get; init; }

    /// <summary>The pooled buffer that holds the message's headers, if there is one.</summary>
    public byte[]? Rented { get; init; }

    /// <summary>The revision that it expects the key to have, if any.</summary>
    public ulong? Expected { get; init; }

    /// <summary>How long what is written lives, if not as long as the bucket allows.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>The number in its <see cref="MessageId"/>, by which it is found again; 0 if it has none.</summary>
    public ulong MessageNumber { get; init; }

    /// <summary>The server that was connected when it was made.</summary>
    public NatsKvServerInfo? Server { get; init; }

    /// <summary>Its size by which servers measure it.</summary>
    public long Size => Message.Headers.Length + Message.Payload.Length;

    /// <summary>Gives the buffer back; nothing can be sent after it.</summary>
    public void GiveBack()
    {
        if (Rented is not null)
        {
            ArrayPool<byte>.Shared.Return(Rented);
        }
    }
}

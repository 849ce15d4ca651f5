using System.Buffers;
using NatsKv.Transport;

namespace NatsKv.Buckets;

/// <summary>A write as it is sent, once or several times.</summary>
/// <param name="Key">The key.</param>
/// <param name="Expected">The revision that it expects the key to have, if any.</param>
/// <param name="Message">The message.</param>
/// <param name="Rented">The pooled buffer that holds the message's headers, if there is one.</param>
internal readonly record struct PreparedWrite(string Key, ulong? Expected, NatsOutgoingMessage Message, byte[]? Rented)
{
    /// <summary>Gives the buffer back; nothing can be sent after it.</summary>
    public void GiveBack()
    {
        if (Rented is not null)
        {
            ArrayPool<byte>.Shared.Return(Rented);
        }
    }
}

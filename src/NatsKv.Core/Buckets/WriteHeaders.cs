using System.Buffers;
using NatsKv.Wire;

namespace NatsKv.Buckets;

/// <summary>Builds the header block of a write in a pooled buffer.</summary>
internal static class WriteHeaders
{
    // The protocol's own headers with the longest values, rounded up.
    private const int OwnHeadersSize = 256;

    // Servers keep the length of a header block in 16 bits, and refuse more (10097).
    private const int MostBytes = ushort.MaxValue;

    // The server's durations are 64 bits of nanoseconds.
    private const ulong MostSeconds = long.MaxValue / 1_000_000_000;

    /// <summary>The block, or nothing when the write needs none.</summary>
    /// <exception cref="ArgumentException">The headers are larger than servers take.</exception>
    /// <param name="operation">What the write does.</param>
    /// <param name="options">TTL, expected revision, user headers.</param>
    /// <param name="rollup">Whether older revisions must go with this write.</param>
    /// <param name="messageNumber">The number in the write's id; 0 for none.</param>
    /// <param name="rented">The buffer to give back to the shared pool; <see langword="null"/> if none was taken.</param>
    public static ReadOnlyMemory<byte> Build(NatsKvOperation operation, in NatsKvWriteOptions options, bool rollup, ulong messageNumber, out byte[]? rented)
    {
        rented = null;
        if (operation == NatsKvOperation.Put && !rollup && options is { TimeToLive: null, ExpectedRevision: null, Headers: null or { Count: 0 } })
        {
            return default;
        }

        rented = ArrayPool<byte>.Shared.Rent(OwnHeadersSize + UserHeadersSize(options.Headers));
        var encoder = new HeaderEncoder(rented);
        if (operation != NatsKvOperation.Put)
        {
            encoder.Add("KV-Operation"u8, operation == NatsKvOperation.Delete ? "DEL"u8 : "PURGE"u8);
        }

        if (rollup || operation == NatsKvOperation.Purge)
        {
            encoder.Add("Nats-Rollup"u8, "sub"u8);
        }

        if (options.ExpectedRevision is { } revision)
        {
            encoder.Add("Nats-Expected-Last-Subject-Sequence"u8, revision);
        }

        if (messageNumber > 0)
        {
            encoder.Add("Nats-Msg-Id"u8, MessageId.Prefix, messageNumber);
        }

        if (options.TimeToLive is { } timeToLive)
        {
            if (WholeSeconds(timeToLive) is { } seconds)
            {
                encoder.Add("Nats-TTL"u8, seconds, "s"u8);
            }
            else
            {
                encoder.Add("Nats-TTL"u8, "never"u8);
            }
        }

        foreach (KeyValuePair<string, string> header in options.Headers ?? [])
        {
            encoder.Add(header.Key, header.Value);
        }

        int length = encoder.Complete();
        if (length > MostBytes)
        {
            ArrayPool<byte>.Shared.Return(rented);
            throw new ArgumentException($"The headers take {length} bytes, and servers take {MostBytes}. Store what is that large in the value.", nameof(options));
        }

        return rented.AsMemory(0, length);
    }

    /// <summary>ADR-43 counts in whole seconds and the server cuts off the rest: always round up, so that nothing lives shorter than asked.</summary>
    /// <returns>The seconds; <see langword="null"/> for longer than the server can count, which is for ever.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is not longer than zero.</exception>
    public static ulong? WholeSeconds(TimeSpan timeToLive)
    {
        if (timeToLive == Timeout.InfiniteTimeSpan)
        {
            return null;
        }

        if (timeToLive <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(timeToLive), timeToLive, "A time to live must be longer than zero. Leave it out for a value that stays.");
        }

        (long seconds, long rest) = Math.DivRem(timeToLive.Ticks, TimeSpan.TicksPerSecond);
        ulong rounded = (ulong)seconds + (rest > 0 ? 1UL : 0);
        return rounded > MostSeconds ? null : rounded;
    }

    private static int UserHeadersSize(NatsKvHeaders? headers)
    {
        const int MostBytesPerCharacter = 3;
        const int Separators = 4;
        int size = 0;
        foreach (KeyValuePair<string, string> header in headers ?? [])
        {
            size += ((header.Key.Length + header.Value.Length) * MostBytesPerCharacter) + Separators;
        }

        return size;
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using NatsKv.JetStream;
using NatsKv.Keys;
using NatsKv.Transport;

namespace NatsKv.Buckets;

/// <summary>Writing keys: every write is a request whose answer carries the revision.</summary>
internal sealed class BucketWrites(BucketContext context, BucketReads reads)
{
    private const int MostCreateAttempts = 5;
    private const int MostUnansweredAttempts = 3;
    private const int SizeThatNeedsNoCheck = 64 * 1024;

    private static readonly TimeSpan UnansweredPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Puts, deletes or purges a key.</summary>
    public ValueTask<ulong> WriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CancellationToken cancellationToken)
    {
        KeyRules.ThrowIfNotKey(key);
        return options.TimeToLive is null
            ? SendAsync(operation, key, value, options, rollup: false, cancellationToken)
            : WriteWithTtlAsync(operation, key, value, options, cancellationToken);
    }

    /// <summary>
    /// Puts a key that has no value. A key that was deleted still has its marker, so 'expected revision 0' alone is not enough: then the
    /// marker's revision is expected. Only the leader's answer counts here, a replica's may be old; and the marker may be replaced in between.
    /// </summary>
    public async ValueTask<ulong?> TryCreateAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CancellationToken cancellationToken)
    {
        if (options.ExpectedRevision is not null)
        {
            throw new ArgumentException($"Creating key '{key}' expects that it has no value; leave ExpectedRevision out, or use UpdateAsync.", nameof(options));
        }

        ulong expected = 0;
        for (int attempt = 1; attempt <= MostCreateAttempts; attempt++)
        {
            try
            {
                return await WriteAsync(NatsKvOperation.Put, key, value, options with { ExpectedRevision = expected }, cancellationToken).ConfigureAwait(false);
            }
            catch (NatsKvRevisionMismatchException)
            {
                // Below: find out whether a value or a marker is in the way.
            }

            NatsKvEntry? latest = await reads.ReadAsync<object?, NatsKvEntry>(
                key, null, static (entry, _) => entry.ToEntry(), new NatsKvReadOptions { FromLeader = true, IncludeDeleted = true }, cancellationToken).ConfigureAwait(false);
            if (latest is { Operation: NatsKvOperation.Put })
            {
                return null;
            }

            expected = latest?.Revision ?? 0;
        }

        return null;
    }

    private async ValueTask<ulong> WriteWithTtlAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CancellationToken cancellationToken)
    {
        WriteHeaders.WholeSeconds(options.TimeToLive!.Value);
        BucketTraits traits = await context.GetTraitsAsync(cancellationToken).ConfigureAwait(false);
        if (!traits.AllowsKeyTtl)
        {
            // It may have been allowed since we asked; the answer decides, and next time we ask again.
            context.Forget();
            throw ApiErrors.NoKeyTtl(context.Subjects.Bucket);
        }

        // Without this, an older revision would come back to life when the new one expires.
        bool rollup = operation == NatsKvOperation.Put && traits.KeepsHistory;
        return await SendAsync(operation, key, value, options, rollup, cancellationToken).ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ulong> SendAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, bool rollup, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> headers = WriteHeaders.Build(operation, options, rollup, out byte[]? rented);
        try
        {
            long size = value.Length + headers.Length;
            if (size > SizeThatNeedsNoCheck && context.Exchange.Server is null)
            {
                // The first call makes the connection; what the server takes must be known before the value is on its way.
                await context.GetInfoAsync(cancellationToken).ConfigureAwait(false);
            }

            ThrowIfTooLarge(key, size);
            var message = new NatsOutgoingMessage(new NatsSubject(context.Subjects.KeyPrefix, key), headers, value);
            for (int attempt = 1; ; attempt++)
            {
                using (NatsMessage reply = await context.Exchange.RequestAsync(message, cancellationToken).ConfigureAwait(false))
                {
                    if (!ApiErrors.IsNoResponders(reply))
                    {
                        return Revision(key, options.ExpectedRevision, reply.Payload.Span);
                    }
                }

                // Nobody took the message, so nothing was stored: there is no bucket, or it has no leader just now (ADR-22).
                await context.GetInfoAsync(cancellationToken).ConfigureAwait(false);
                if (attempt == MostUnansweredAttempts)
                {
                    throw ApiErrors.NobodyAnswers(context.Exchange.Server, message.Subject.ToString());
                }

                await context.Exchange.PauseAsync(UnansweredPause, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private ulong Revision(string key, ulong? expected, ReadOnlySpan<byte> payload)
    {
        ApiError? error;
        try
        {
            if (PubAck.TryRead(payload, out ulong revision, out error))
            {
                return revision;
            }
        }
        catch (JsonException exception)
        {
            throw new NatsKvException($"The server's answer to a write of key '{key}' in bucket '{context.Subjects.Bucket}' can't be read.", exception);
        }

        if (error is not null && WrongLastSequence.Is(error))
        {
            throw new NatsKvRevisionMismatchException(context.Subjects.Bucket, key, expected ?? 0, WrongLastSequence.Actual(error));
        }

        if (error is { ErrorCode: ErrorCodes.MessageTtlDisabled })
        {
            context.Forget();
        }

        throw error is null
            ? new NatsKvException($"The server's answer to a write of key '{key}' in bucket '{context.Subjects.Bucket}' has no revision.")
            : ApiErrors.ToException(error, context.Subjects.Bucket);
    }

    // A server that gets more than it takes closes the connection, and everything under way on it fails.
    private void ThrowIfTooLarge(string key, long size)
    {
        if (context.Exchange.Server is { } server && size > server.MaxPayload)
        {
            throw new NatsKvValueTooLargeException(context.Subjects.Bucket, key, size, server.MaxPayload);
        }
    }
}

using System.Buffers;
using System.Text.Json;
using NatsKv.Connection;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Buckets;

/// <summary>Writing keys: every write is a request whose answer carries the revision.</summary>
internal sealed class BucketWrites(BucketContext context, BucketReads reads)
{
    private const int MostCreateAttempts = 5;
    private const int MostUnansweredAttempts = 3;
    private const int SizeThatNeedsNoCheck = 64 * 1024;

    private static readonly TimeSpan UnansweredPause = TimeSpan.FromMilliseconds(250);

    public INatsTransport Transport => context.Transport;

    /// <summary>The time stamp of a call's beginning.</summary>
    public long Now => context.Time.GetTimestamp();

    /// <summary>A call that began at a time stamp takes more than its first request.</summary>
    public CallDeadline ContinueCall(long start, CancellationToken cancellationToken) => context.ContinueCall(start, cancellationToken);

    /// <summary>Puts, deletes or purges a key.</summary>
    public ValueTask<ulong> WriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CallDeadline deadline)
    {
        context.ThrowIfNotKey(key);
        return options.TimeToLive is null
            ? SendAsync(operation, key, value, options, rollup: false, deadline)
            : WriteWithTtlAsync(operation, key, value, options, deadline);
    }

    /// <summary>The same for a caller that awaits it: without the allocations of an async method, and off the connection's thread afterwards.</summary>
    public ValueTask<ulong> StartWriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CancellationToken cancellationToken)
    {
        context.ThrowIfNotKey(key);
        if (!IsReady(value.Length, options, out bool rollup))
        {
            return ConnectionThread.LeaveAfter(WriteAsync(operation, key, value, options, context.BeginCall(cancellationToken)));
        }

        try
        {
            NatsOutgoingMessage message = Message(operation, key, value, options, rollup, out byte[]? rented);
            return WriteOperation.Start(this, message, rented, key, options.ExpectedRevision, cancellationToken);
        }
        catch (NatsKvException exception)
        {
            return ValueTask.FromException<ulong>(exception);
        }
    }

    /// <summary>Makes the result of the answer to a write.</summary>
    /// <returns><see langword="false"/> when nobody could take it just now; then nothing was stored.</returns>
    public bool TryDecode(string key, ulong? expected, in NatsReply reply, out ulong revision)
    {
        revision = 0;
        return !ApiErrors.IsNoResponders(reply) && TryReadRevision(key, expected, reply.Payload, out revision);
    }

    /// <summary>Sends a write again that nobody took: there is no bucket, or it has no leader just now (ADR-22).</summary>
    public async ValueTask<ulong> SendAgainAsync(string key, NatsOutgoingMessage message, ulong? expected, CallDeadline deadline)
    {
        if (context.MayAsk)
        {
            await ThrowIfNoBucketAsync(deadline).ConfigureAwait(false);
        }

        for (int attempt = 2; ; attempt++)
        {
            if (attempt > MostUnansweredAttempts)
            {
                throw context.NobodyTakes(message.Subject);
            }

            await context.Exchange.PauseAsync(UnansweredPause, deadline).ConfigureAwait(false);
            using NatsMessage reply = await context.Exchange.RequestAsync(message, deadline).ConfigureAwait(false);
            if (TryDecode(key, expected, reply.AsReply(), out ulong revision))
            {
                return revision;
            }
        }
    }

    /// <summary>Gives a header buffer back.</summary>
    public static void GiveBack(byte[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// Puts a key that has no value. A key that was deleted still has its marker, so 'expected revision 0' alone is not enough: then the
    /// marker's revision is expected. Only the leader's answer counts here, a replica's may be old; and the marker may be replaced in between.
    /// </summary>
    public async ValueTask<ulong?> TryCreateAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CallDeadline deadline)
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
                return await WriteAsync(NatsKvOperation.Put, key, value, options with { ExpectedRevision = expected }, deadline).ConfigureAwait(false);
            }
            catch (NatsKvRevisionMismatchException)
            {
                // Below: find out whether a value or a marker is in the way.
            }

            NatsKvEntry? latest = await reads.ReadAsync<object?, NatsKvEntry>(
                key, null, static (entry, _) => entry.ToEntry(), new NatsKvReadOptions { FromLeader = true, IncludeDeleted = true }, deadline).ConfigureAwait(false);
            if (latest is { Operation: NatsKvOperation.Put })
            {
                return null;
            }

            expected = latest?.Revision ?? 0;
        }

        return null;
    }

    private async ValueTask<ulong> WriteWithTtlAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CallDeadline deadline)
    {
        WriteHeaders.WholeSeconds(options.TimeToLive!.Value);
        if (!context.MayAsk)
        {
            return await SendAsync(operation, key, value, options, rollup: true, deadline).ConfigureAwait(false);
        }

        BucketTraits traits = await context.GetTraitsAsync(deadline).ConfigureAwait(false);
        if (!traits.AllowsKeyTtl)
        {
            // It may have been allowed since we asked; the answer decides, and next time we ask again.
            context.Forget();
            throw ApiErrors.NoKeyTtl(context.Subjects.Bucket);
        }

        return await SendAsync(operation, key, value, options, NeedsRollup(traits), deadline).ConfigureAwait(false);
    }

    private NatsOutgoingMessage Message(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, in NatsKvWriteOptions options, bool rollup, out byte[]? rented)
    {
        ReadOnlyMemory<byte> headers = WriteHeaders.Build(operation, options, rollup, out rented);
        try
        {
            ThrowIfTooLarge(key, value.Length + headers.Length);
            return new NatsOutgoingMessage(new NatsSubject(context.Subjects.WritePrefix, key), headers, value) { Timeout = context.MessageTimeout };
        }
        catch
        {
            GiveBack(rented);
            throw;
        }
    }

    private async ValueTask<ulong> SendAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, bool rollup, CallDeadline deadline)
    {
        if (NeedsServerInfo(value.Length))
        {
            await context.GetInfoAsync(deadline).ConfigureAwait(false);
        }

        NatsOutgoingMessage message = Message(operation, key, value, options, rollup, out byte[]? rented);
        try
        {
            using (NatsMessage reply = await context.Exchange.RequestAsync(message, deadline).ConfigureAwait(false))
            {
                if (TryDecode(key, options.ExpectedRevision, reply.AsReply(), out ulong revision))
                {
                    return revision;
                }
            }

            return await SendAgainAsync(key, message, options.ExpectedRevision, deadline).ConfigureAwait(false);
        }
        finally
        {
            GiveBack(rented);
        }
    }

    // The first call makes the connection; what the server takes must be known before a large value is on its way.
    private bool NeedsServerInfo(long valueLength) => valueLength > SizeThatNeedsNoCheck && context.Exchange.Server is null && context.MayAsk;

    // Whether a write can be sent without a question first.
    private bool IsReady(long valueLength, in NatsKvWriteOptions options, out bool rollup)
    {
        rollup = false;
        if (NeedsServerInfo(valueLength))
        {
            return false;
        }

        if (options.TimeToLive is not { } timeToLive)
        {
            return true;
        }

        WriteHeaders.WholeSeconds(timeToLive);
        rollup = context.Traits is { } traits ? NeedsRollup(traits) : !context.MayAsk;
        return context.Traits is { AllowsKeyTtl: true } || !context.MayAsk;
    }

    // Without a leader, or without the right to ask, this question fails too; that says nothing about the write.
    private async ValueTask ThrowIfNoBucketAsync(CallDeadline deadline)
    {
        try
        {
            await context.GetInfoAsync(deadline).ConfigureAwait(false);
        }
        catch (NatsKvException exception) when (exception is not (NatsKvBucketNotFoundException or NatsKvBucketConfigException or NatsKvNotSupportedException))
        {
            // Below, the write is sent again.
        }
    }

    // Without it, an older value would come back to life when the new one, or the marker, expires.
    private static bool NeedsRollup(BucketTraits traits) => traits.KeepsHistory;

    private bool TryReadRevision(string key, ulong? expected, ReadOnlySpan<byte> payload, out ulong revision)
    {
        ApiError? error;
        try
        {
            if (PubAck.TryRead(payload, out revision, out error))
            {
                context.Floors?.Written(key, revision);
                return true;
            }
        }
        catch (JsonException exception)
        {
            throw new NatsKvException($"The server's answer to a write of key '{key}' in bucket '{context.Subjects.Bucket}' can't be read.", exception);
        }

        return error switch
        {
            null => throw new NatsKvException($"The server's answer to a write of key '{key}' in bucket '{context.Subjects.Bucket}' has no revision."),
            { ErrorCode: ErrorCodes.ClusterNotAvailable or ErrorCodes.LastSequenceUnavailable } => false,
            _ => throw Refusal(key, expected, error),
        };
    }

    private NatsKvException Refusal(string key, ulong? expected, ApiError error)
    {
        if (WrongLastSequence.Is(error))
        {
            return new NatsKvRevisionMismatchException(context.Subjects.Bucket, key, expected ?? 0, WrongLastSequence.Actual(error));
        }

        switch (error.ErrorCode)
        {
            case ErrorCodes.MessageTooLarge:
                return new NatsKvValueTooLargeException(context.Subjects.Bucket, key, size: null, context.Traits?.MaxValueSize);
            case ErrorCodes.MessageTtlDisabled:
                context.Forget();
                break;
        }

        return ApiErrors.ToException(error, context.Subjects.Bucket);
    }

    // A server that gets more than it takes closes the connection, and everything under way on it fails. The bucket's own limit may have been
    // raised since we asked, so it is left to the server, whose refusal costs nobody else anything.
    private void ThrowIfTooLarge(string key, long size)
    {
        if (context.Exchange.Server is { } server && size > server.MaxPayload)
        {
            throw new NatsKvValueTooLargeException(context.Subjects.Bucket, key, size, server.MaxPayload);
        }
    }
}

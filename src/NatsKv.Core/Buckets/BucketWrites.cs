using System.Buffers;
using System.Text.Json;
using NatsKv.Connection;
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

    public INatsTransport Transport => context.Transport;

    /// <summary>The time stamp of a call's beginning.</summary>
    public long Now => context.Time.GetTimestamp();

    /// <summary>A call that began at a time stamp takes more than its first request.</summary>
    public CallDeadline ContinueCall(long start, CancellationToken cancellationToken) => context.ContinueCall(start, cancellationToken);

    /// <summary>Puts, deletes or purges a key.</summary>
    /// <exception cref="NatsKvRevisionMismatchException">The expected revision is not the latest.</exception>
    public async ValueTask<ulong> WriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CallDeadline deadline) =>
        RevisionOf(key, options.ExpectedRevision, await TryWriteAsync(operation, key, value, options, deadline).ConfigureAwait(false));

    /// <summary>The same with a lost race as a result.</summary>
    public ValueTask<NatsKvWriteResult> TryWriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CallDeadline deadline)
    {
        KeyRules.ThrowIfNotKey(key);
        if (operation != NatsKvOperation.Put && !value.IsEmpty)
        {
            throw new ArgumentException($"Key '{key}' is to be removed; what removes a key has no value.", nameof(value));
        }

        return options.TimeToLive is null
            ? SendAsync(operation, key, value, options, rollup: false, deadline)
            : WriteWithTtlAsync(operation, key, value, options, deadline);
    }

    /// <summary>The same for a caller that awaits it: without the allocations of an async method, and off the connection's thread afterwards.</summary>
    public ValueTask<ulong> StartWriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CancellationToken cancellationToken)
    {
        KeyRules.ThrowIfNotKey(key);
        if (!IsReady(value.Length, options, out bool rollup))
        {
            return ConnectionThread.LeaveAfter(WriteAsync(operation, key, value, options, context.BeginCall(cancellationToken)));
        }

        try
        {
            return WriteOperation.Start(this, Prepare(operation, key, value, options, rollup), cancellationToken);
        }
        catch (NatsKvException exception)
        {
            return ValueTask.FromException<ulong>(exception);
        }
    }

    /// <summary>Makes the result of the answer to a write.</summary>
    /// <returns><see langword="false"/> when nobody could take it just now; then nothing was stored.</returns>
    public bool TryDecode(in PreparedWrite write, in NatsReply reply, out NatsKvWriteResult result)
    {
        result = default;
        return !ApiErrors.IsNoResponders(reply) && TryReadResult(write.Key, reply.Payload, out result);
    }

    /// <summary>The revision of a write that must have taken place.</summary>
    /// <exception cref="NatsKvRevisionMismatchException">It has not.</exception>
    public ulong RevisionOf(string key, ulong? expected, in NatsKvWriteResult result) => result.IsStored
        ? result.Revision
        : throw new NatsKvRevisionMismatchException(context.Subjects.Bucket, key, expected ?? 0, result.Revision == 0 ? null : result.Revision);

    /// <inheritdoc cref="RevisionOf"/>
    public async ValueTask<ulong> RevisionOfAsync(PreparedWrite write, ValueTask<NatsKvWriteResult> result) =>
        RevisionOf(write.Key, write.Expected, await result.ConfigureAwait(false));

    /// <summary>Sends a write again that nobody took: there is no bucket, or it has no leader just now (ADR-22).</summary>
    public async ValueTask<NatsKvWriteResult> SendAgainAsync(PreparedWrite write, CallDeadline deadline)
    {
        await ThrowIfNoBucketAsync(deadline).ConfigureAwait(false);
        for (int attempt = 2; ; attempt++)
        {
            if (attempt > MostUnansweredAttempts)
            {
                throw ApiErrors.NobodyAnswers(context.Exchange.Server, write.Message.Subject.ToString());
            }

            await context.Exchange.PauseAsync(UnansweredPause, deadline).ConfigureAwait(false);
            using NatsMessage reply = await context.Exchange.RequestAsync(write.Message, deadline).ConfigureAwait(false);
            if (TryDecode(write, reply.AsReply(), out NatsKvWriteResult result))
            {
                return result;
            }
        }
    }

    /// <summary>
    /// Puts a key that has no value. A key that was deleted still has its marker, so 'expected revision 0' alone is not enough: then the
    /// marker's revision is expected. Only the leader's answer counts here, a replica's may be old; and the marker may be replaced in between.
    /// </summary>
    public async ValueTask<NatsKvWriteResult> TryCreateAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CallDeadline deadline)
    {
        if (options.ExpectedRevision is not null)
        {
            throw new ArgumentException($"Creating key '{key}' expects that it has no value; leave ExpectedRevision out, or use UpdateAsync.", nameof(options));
        }

        ulong expected = 0;
        for (int attempt = 1; attempt <= MostCreateAttempts; attempt++)
        {
            NatsKvWriteResult result = await TryWriteAsync(
                NatsKvOperation.Put, key, value, options with { ExpectedRevision = expected }, deadline).ConfigureAwait(false);
            if (result.IsStored)
            {
                return result;
            }

            // Is a value or a marker in the way?
            (NatsKvOperation operation, ulong revision) = await reads.ReadAsync(
                key,
                0,
                static (entry, _) => (entry.Operation, entry.Revision),
                new NatsKvReadOptions { FromLeader = true, IncludeDeleted = true },
                deadline).ConfigureAwait(false);
            if (revision > 0 && operation == NatsKvOperation.Put)
            {
                return new NatsKvWriteResult(IsStored: false, revision);
            }

            expected = revision;
        }

        return new NatsKvWriteResult(IsStored: false, Revision: 0);
    }

    private async ValueTask<NatsKvWriteResult> WriteWithTtlAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CallDeadline deadline)
    {
        WriteHeaders.WholeSeconds(options.TimeToLive!.Value);
        BucketTraits traits = await context.GetTraitsAsync(deadline).ConfigureAwait(false);
        if (!traits.AllowsKeyTtl)
        {
            // It may have been allowed since we asked; the answer decides, and next time we ask again.
            context.Forget();
            throw ApiErrors.NoKeyTtl(context.Subjects.Bucket);
        }

        return await SendAsync(operation, key, value, options, NeedsRollup(traits), deadline).ConfigureAwait(false);
    }

    private PreparedWrite Prepare(NatsKvOperation operation, string key, ReadOnlySequence<byte> value, in NatsKvWriteOptions options, bool rollup)
    {
        ReadOnlyMemory<byte> headers = WriteHeaders.Build(operation, options, rollup, out byte[]? rented);
        var message = new NatsOutgoingMessage(new NatsSubject(context.Subjects.KeyPrefix, key), headers, value) { Timeout = context.MessageTimeout };
        var write = new PreparedWrite(key, options.ExpectedRevision, message, rented);
        try
        {
            ThrowIfTooLarge(key, value.Length + headers.Length);
            return write;
        }
        catch
        {
            write.GiveBack();
            throw;
        }
    }

    private async ValueTask<NatsKvWriteResult> SendAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, bool rollup, CallDeadline deadline)
    {
        if (NeedsServerInfo(value.Length))
        {
            await context.GetInfoAsync(deadline).ConfigureAwait(false);
        }

        PreparedWrite write = Prepare(operation, key, value, options, rollup);
        try
        {
            using (NatsMessage reply = await context.Exchange.RequestAsync(write.Message, deadline).ConfigureAwait(false))
            {
                if (TryDecode(write, reply.AsReply(), out NatsKvWriteResult result))
                {
                    return result;
                }
            }

            return await SendAgainAsync(write, deadline).ConfigureAwait(false);
        }
        finally
        {
            write.GiveBack();
        }
    }

    // The first call makes the connection; what the server takes must be known before a large value is on its way.
    private bool NeedsServerInfo(long valueLength) => valueLength > SizeThatNeedsNoCheck && context.Exchange.Server is null;

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
        rollup = context.Traits is { } traits && NeedsRollup(traits);
        return context.Traits is { AllowsKeyTtl: true };
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

    private bool TryReadResult(string key, ReadOnlySpan<byte> payload, out NatsKvWriteResult result)
    {
        result = default;
        ApiError? error;
        try
        {
            if (PubAck.TryRead(payload, out ulong revision, out error))
            {
                context.Floors?.Written(key, revision);
                result = new NatsKvWriteResult(IsStored: true, revision);
                return true;
            }
        }
        catch (JsonException exception)
        {
            throw new NatsKvException($"The server's answer to a write of key '{key}' in bucket '{context.Subjects.Bucket}' can't be read.", exception);
        }

        switch (error)
        {
            case null:
                throw new NatsKvException($"The server's answer to a write of key '{key}' in bucket '{context.Subjects.Bucket}' has no revision.");
            case { ErrorCode: ErrorCodes.ClusterNotAvailable or ErrorCodes.LastSequenceUnavailable }:
                return false;
            case var _ when WrongLastSequence.Is(error):
                result = new NatsKvWriteResult(IsStored: false, WrongLastSequence.Actual(error) ?? 0);
                return true;
            default:
                throw Refusal(key, error);
        }
    }

    private NatsKvException Refusal(string key, ApiError error)
    {
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

using System.Buffers;
using NatsKv.Connection;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Buckets;

/// <summary>Writing keys: every write is a request whose answer carries the revision.</summary>
internal sealed class BucketWrites
{
    private readonly BucketContext _context;
    private readonly WriteRetry _retry;

    public BucketWrites(BucketContext context)
    {
        _context = context;
        Replies = new WriteReplies(context);
        _retry = new WriteRetry(context, Replies);
    }

    /// <summary>The bucket.</summary>
    public BucketContext Context => _context;

    /// <summary>What the answers mean.</summary>
    public WriteReplies Replies { get; }

    /// <summary>Puts, deletes or purges a key.</summary>
    /// <exception cref="NatsKvRevisionMismatchException">The expected revision is not the latest.</exception>
    public async ValueTask<ulong> WriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CallDeadline deadline) =>
        Replies.RevisionOf(key, options.ExpectedRevision, await TryWriteAsync(operation, key, value, options, deadline).ConfigureAwait(false));

    /// <summary>The same with a lost race as a result.</summary>
    public async ValueTask<NatsKvWriteResult> TryWriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CallDeadline deadline)
    {
        _context.ThrowIfNotKey(key);
        if (operation != NatsKvOperation.Put && !value.IsEmpty)
        {
            throw new ArgumentException($"Key '{key}' is to be removed; what removes a key has no value.", nameof(value));
        }

        if (options.TimeToLive is { } timeToLive)
        {
            WriteHeaders.WholeSeconds(timeToLive);
            if (_context.MayAsk && !(await _context.GetTraitsAsync(deadline).ConfigureAwait(false)).AllowsKeyTtl)
            {
                // It may have been allowed since we asked; the answer decides, and next time we ask again.
                _context.Forget();
                throw ApiErrors.NoKeyTtl(_context.Subjects.Bucket);
            }
        }

        PreparedWrite write = Prepare(operation, key, value, options);
        try
        {
            if (IsTooLargeForBucket(write))
            {
                await ThrowIfTooLargeForBucketAsync(write, deadline).ConfigureAwait(false);
            }

            return await SendAsync(write, deadline).ConfigureAwait(false);
        }
        finally
        {
            write.GiveBack();
        }
    }

    /// <summary>The same for a caller that awaits it: without the allocations of an async method, and off the connection's thread afterwards.</summary>
    public ValueTask<ulong> StartWriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CancellationToken cancellationToken)
    {
        _context.ThrowIfNotKey(key);
        if (options.TimeToLive is { } timeToLive)
        {
            WriteHeaders.WholeSeconds(timeToLive);
            if (_context.MayAsk && _context.Traits is not { AllowsKeyTtl: true })
            {
                return ConnectionThread.LeaveAfter(WriteAsync(operation, key, value, options, _context.BeginCall(cancellationToken)));
            }
        }

        PreparedWrite write = Prepare(operation, key, value, options);
        if (IsTooLargeForBucket(write))
        {
            write.GiveBack();
            return ConnectionThread.LeaveAfter(WriteAsync(operation, key, value, options, _context.BeginCall(cancellationToken)));
        }

        return WriteOperation.Start(this, write, cancellationToken);
    }

    /// <summary>Whether the failure of a write's request is not the last word on it.</summary>
    public static bool CanContinueAfter(in PreparedWrite write, NatsKvException failure, CallDeadline deadline) =>
        failure is NatsMessageTooLargeException || LostWrite.CanFindOut(write, failure, deadline);

    /// <summary>The rest of a write whose first request brought no decision.</summary>
    /// <param name="write">What was sent.</param>
    /// <param name="refusal">Why nobody could take it; <see langword="null"/> if nobody was there.</param>
    /// <param name="failure">Why there was no answer; <see langword="null"/> if nobody could take it.</param>
    /// <param name="deadline">When the call must be over.</param>
    public async ValueTask<ulong> ContinueAsync(PreparedWrite write, ApiError? refusal, NatsKvException? failure, CallDeadline deadline) =>
        Replies.RevisionOf(write, await FinishAsync(write, refusal, failure, deadline).ConfigureAwait(false));

    private async ValueTask<NatsKvWriteResult> SendAsync(PreparedWrite write, CallDeadline deadline)
    {
        ApiError? refusal = null;
        NatsKvException? failure = null;
        try
        {
            using NatsMessage reply = await _context.Exchange.RequestAsync(write.Message, deadline).ConfigureAwait(false);
            if (Replies.TryDecode(write, reply.AsReply(), out NatsKvWriteResult result, out refusal))
            {
                return result;
            }
        }
        catch (NatsKvException exception) when (CanContinueAfter(write, exception, deadline))
        {
            failure = exception;
        }

        return await FinishAsync(write, refusal, failure, deadline).ConfigureAwait(false);
    }

    private ValueTask<NatsKvWriteResult> FinishAsync(in PreparedWrite write, ApiError? refusal, NatsKvException? failure, CallDeadline deadline) =>
        failure is null ? SendAgainAsync(write, refusal, deadline) : FindOutAsync(write, failure, deadline);

    private async ValueTask<NatsKvWriteResult> SendAgainAsync(PreparedWrite write, ApiError? refusal, CallDeadline deadline)
    {
        NatsKvException failure;
        try
        {
            return await _retry.SendAgainAsync(write, refusal, deadline).ConfigureAwait(false);
        }
        catch (NatsKvException exception) when (CanContinueAfter(write, exception, deadline))
        {
            failure = exception;
        }

        return await FindOutAsync(write, failure, deadline).ConfigureAwait(false);
    }

    private ValueTask<NatsKvWriteResult> FindOutAsync(in PreparedWrite write, NatsKvException failure, CallDeadline deadline) =>
        failure is NatsMessageTooLargeException tooLarge
            ? throw new NatsKvValueTooLargeException(_context.Subjects.Bucket, write.Key, tooLarge.Size, tooLarge.Limit)
            : new LostWrite(_context, Replies, write, deadline).FindOutAsync(failure);

    private PreparedWrite Prepare(NatsKvOperation operation, string key, ReadOnlySequence<byte> value, in NatsKvWriteOptions options)
    {
        // A condition makes it safe to send a write twice, so that what became of it can be found out.
        bool isTraced = options is { ExpectedRevision: not null, ResolveOutcome: true };
        ulong number = isTraced ? MessageId.Next() : 0;
        ReadOnlyMemory<byte> headers = WriteHeaders.Build(operation, options, NeedsRollup(options), number, out byte[]? rented);
        return new PreparedWrite
        {
            Key = key,
            Message = new NatsOutgoingMessage(new NatsSubject(_context.Subjects.WritePrefix, key), headers, value)
            {
                Timeout = isTraced ? LostWrite.ShareOf(_context.CallTimeout) : _context.MessageTimeout,
            },
            Rented = rented,
            Expected = options.ExpectedRevision,
            TimeToLive = options.TimeToLive,
            MessageNumber = number,
            Server = isTraced ? _context.Transport.Server : null,
        };
    }

    // Without it, an older value would come back to life when the new one, or the marker, expires. That a bucket keeps no history may have
    // changed since we asked; so only a bucket that takes no rollups, which no Key/Value client makes, goes without.
    private bool NeedsRollup(in NatsKvWriteOptions options) =>
        options.TimeToLive is not null && _context.Traits is not { AllowsRollup: false, KeepsHistory: false };

    private bool IsTooLargeForBucket(in PreparedWrite write) => _context.MayAsk && _context.Traits is { MaxValueSize: { } limit } && write.Size > limit;

    // The limit may have been raised since we asked. Without an answer the server decides, whose refusal costs nobody else anything.
    private async ValueTask ThrowIfTooLargeForBucketAsync(PreparedWrite write, CallDeadline deadline)
    {
        try
        {
            await _context.GetInfoAsync(deadline).ConfigureAwait(false);
        }
        catch (NatsKvException exception) when (exception is NatsKvPermissionException || exception.IsTransient)
        {
            return;
        }

        if (IsTooLargeForBucket(write))
        {
            throw new NatsKvValueTooLargeException(_context.Subjects.Bucket, write.Key, write.Size, _context.Traits?.MaxValueSize);
        }
    }
}

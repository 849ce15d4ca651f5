using System.Text.Json;
using NatsKv.Connection;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Buckets;

/// <summary>
/// Finds out what became of a conditional write that got no answer. The write bears an id, which the server stores with it; and of several
/// copies of a conditional write only one can take place, so it may be sent again.
/// </summary>
internal sealed class LostWrite(BucketContext context, WriteReplies replies, PreparedWrite write, CallDeadline deadline)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    // A wait that ends with its share ends a little early or late.
    private const int ShareToleranceDivisor = 10;

    private static readonly TimeSpan ShortestLook = TimeSpan.FromMilliseconds(200);

    // A message bears the time of who led then, a description that of who leads now.
    private static readonly TimeSpan MostClockDifference = TimeSpan.FromSeconds(10);

    private readonly ulong _expected = write.Expected!.Value;
    private readonly PreparedWrite _write = write with { Message = write.Message with { Timeout = TimeSpan.Zero } };
    private bool _mayBeSent;

    private CallDeadline Share => deadline.Within(ShareOf(deadline.Left) is var share && share > ShortestLook ? share : ShortestLook);

    /// <summary>How much of a time the first of several requests gets, so that something is left for the rest.</summary>
    public static TimeSpan ShareOf(TimeSpan time) => time / 2;

    /// <summary>Whether there is more to find out after a failure: it leaves open what became of the write, or came early for want of a share.</summary>
    public static bool CanFindOut(in PreparedWrite write, NatsKvException failure, CallDeadline deadline) =>
        write.MessageNumber != 0 && (IsOpen(failure) || (IsUnsent(failure) && IsForWantOfAShare(deadline.Left, deadline.Length)));

    /// <summary>Finds it out.</summary>
    /// <param name="failure">Why there was no answer.</param>
    /// <exception cref="NatsKvOutcomeUnknownException">It can't be found out within the call's time.</exception>
    public async ValueTask<NatsKvWriteResult> FindOutAsync(NatsKvException failure)
    {
        _mayBeSent = IsOpen(failure);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                if (deadline.Left > TimeSpan.Zero && await LookAsync().ConfigureAwait(false) is { } result)
                {
                    return result;
                }
            }
            catch (NatsKvException exception) when (exception.IsTransient)
            {
                // A later look may go better.
            }
            catch (NatsKvException exception) when (_mayBeSent && exception is not NatsKvOutcomeUnknownException)
            {
                throw Unknown(exception);
            }

            TimeSpan pause = Backoff.Delay(attempt, LongestPause, Random.Shared.NextDouble());
            if (deadline.Left <= pause)
            {
                throw _mayBeSent ? Unknown(failure) : failure;
            }

            await context.Exchange.PauseAsync(pause, deadline).ConfigureAwait(false);
        }
    }

    // Whether the write took place is unknown.
    private static bool IsOpen(NatsKvException failure) =>
        failure is NatsKvTimeoutException { WasSent: true } or NatsKvConnectionException { Failure: NatsKvConnectionFailure.Lost };

    private static bool IsForWantOfAShare(TimeSpan left, TimeSpan length) =>
        left > TimeSpan.Zero && left <= ShareOf(length) + (length / ShareToleranceDivisor);

    private static bool IsUnsent(NatsKvException failure) =>
        failure is NatsKvTimeoutException { WasSent: false } or NatsKvConnectionException { Failure: NatsKvConnectionFailure.Unreachable };

    /// <returns>The outcome; <see langword="null"/> if a later look may tell it.</returns>
    private async ValueTask<NatsKvWriteResult?> LookAsync()
    {
        if (!_mayBeSent)
        {
            return await SendAgainAsync().ConfigureAwait(false);
        }

        (bool isKnown, StoredMessage? latest) = await ReadLatestAsync().ConfigureAwait(false);
        ulong revision = latest?.Sequence ?? 0;
        if (latest is not null && WriteTrace.IsOf(latest, _write))
        {
            return replies.Stored(_write.Key, revision);
        }

        if (!isKnown || revision <= _expected)
        {
            // All is as before: but the first copy may be under way still, so that 'not stored' would be too much said. Either copy may win.
            NatsKvWriteResult? again = await SendAgainAsync().ConfigureAwait(false);
            if (again is null or { IsStored: true } || (isKnown && revision == _expected))
            {
                return again is { IsStored: true } ? again : null;
            }
        }
        else if (await FindSuccessorAsync(latest!).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        return await AskForIdAsync(isKnown, latest).ConfigureAwait(false);
    }

    private async ValueTask<(bool IsKnown, StoredMessage? Latest)> ReadLatestAsync()
    {
        try
        {
            return (true, await ReadAsync(new MessageGetRequest { LastBySubject = context.Subjects.KeyPrefix + _write.Key }).ConfigureAwait(false));
        }
        catch (NatsKvPermissionException)
        {
            // Whoever may write needn't be allowed to read.
            return (false, null);
        }
    }

    /// <summary>Looks for what was written on the expected revision: ours, or what ours lost against.</summary>
    private async ValueTask<NatsKvWriteResult?> FindSuccessorAsync(StoredMessage latest)
    {
        StoredMessage? next = WriteTrace.ExpectedBy(latest) == _expected
            ? latest
            : await ReadAsync(new MessageGetRequest { Sequence = _expected + 1, NextBySubject = context.Subjects.KeyPrefix + _write.Key }).ConfigureAwait(false);
        if (next is null)
        {
            return null;
        }

        if (WriteTrace.IsOf(next, _write))
        {
            return replies.Stored(_write.Key, next.Sequence);
        }

        // A key can be without a revision twice: ours may have been made and have expired before the next one was made.
        bool isRightBehind = WriteTrace.ExpectedBy(next) == _expected
            ? _expected > 0 || !MayHaveExpired()
            : _expected > 0 && await ReadAsync(new MessageGetRequest { Sequence = _expected }).ConfigureAwait(false) is not null;
        return isRightBehind ? new NatsKvWriteResult(IsStored: false, latest.Sequence) : null;
    }

    /// <summary>
    /// What was written on the expected revision has been overwritten, and isn't kept. But for the length of its duplicate window a stream knows the
    /// ids of all writes.
    /// </summary>
    private async ValueTask<NatsKvWriteResult?> AskForIdAsync(bool isKnown, StoredMessage? latest)
    {
        ulong revision = latest?.Sequence ?? 0;
        StreamInfoResponse? info = await DescribeAsync().ConfigureAwait(false);
        if (revision > _expected && info?.Time - latest!.Time > Elapsed() + MostClockDifference)
        {
            // It was there before this call began.
            return new NatsKvWriteResult(IsStored: false, revision);
        }

        bool isSingle = info is { IsReplicated: false };
        NatsKvWriteResult? answer = isSingle ? await ProbeAsync().ConfigureAwait(false) : await SendAgainAsync().ConfigureAwait(false);
        if (answer is null or { IsStored: true })
        {
            return answer;
        }

        if (isSingle && RemembersAll(info!))
        {
            return new NatsKvWriteResult(IsStored: false, revision);
        }

        // An older one than the expected is a word of a leader that was deposed and doesn't know it yet, or the key is gone.
        return isKnown && revision < _expected ? null : throw Unknown(null);
    }

    // Alone, a server of 2.15 checks the expected revision before it looks for the id, so that a copy would tell nothing; where several hold the
    // stream it does so the other way round, and would keep the id of a message that it refuses as if that were under way.
    private async ValueTask<NatsKvWriteResult?> ProbeAsync()
    {
        var probe = new NatsOutgoingMessage(_write.Message.Subject, WriteTrace.ProbeFor(_write), default);
        using NatsMessage reply = await context.Exchange.RequestAsync(probe, Share).ConfigureAwait(false);
        if (ApiErrors.IsNoResponders(reply.AsReply()))
        {
            return null;
        }

        try
        {
            return PubAck.TryRead(reply.Payload.Span, out ulong revision, out ApiError? error) ? replies.Stored(_write.Key, revision)
                : error is { ErrorCode: ErrorCodes.WrongLastMessageId } ? new NatsKvWriteResult(IsStored: false, 0)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async ValueTask<NatsKvWriteResult?> SendAgainAsync()
    {
        bool wasSent = _mayBeSent;
        _mayBeSent = true;
        try
        {
            using NatsMessage reply = await context.Exchange.RequestAsync(_write.Message, Share).ConfigureAwait(false);
            bool isDecided = replies.TryDecode(_write, reply.AsReply(), out NatsKvWriteResult result, out _);
            _mayBeSent = wasSent;
            return isDecided ? result : null;
        }
        catch (NatsKvException exception) when (!IsOpen(exception))
        {
            _mayBeSent = wasSent;
            throw;
        }
    }

    private ValueTask<StoredMessage?> ReadAsync(MessageGetRequest request) => context.GetStoredAsync(request, Share);

    private async ValueTask<StreamInfoResponse?> DescribeAsync()
    {
        try
        {
            return context.MayAsk ? await context.GetInfoAsync(Share).ConfigureAwait(false) : null;
        }
        catch (NatsKvPermissionException)
        {
            return null;
        }
    }

    // A server that was started since the call began, which is seen only of the one that is connected, knows only the ids of what is still stored.
    private bool RemembersAll(StreamInfoResponse info) =>
        info.Cluster is not { Name.Length: > 0 }
        && context.Subjects.IsOwnJetStream
        && TimeSpan.FromTicks(info.Config!.DuplicateWindow / TimeSpan.NanosecondsPerTick) > Elapsed()
        && _write.Server?.Id is { } id && id == context.Exchange.Server?.Id;

    private bool MayHaveExpired()
    {
        TimeSpan elapsed = Elapsed();
        return context.Traits is not { } traits
            || (_write.TimeToLive is { } timeToLive && timeToLive > TimeSpan.Zero && timeToLive <= elapsed)
            || traits.MaxAge <= elapsed;
    }

    private TimeSpan Elapsed() => deadline.Length - deadline.Left;

    private NatsKvOutcomeUnknownException Unknown(Exception? cause) => new(context.Subjects.Bucket, _write.Key, _expected, cause);
}

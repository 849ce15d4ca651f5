using System.Numerics;
using NatsKv.Connection;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Buckets;

/// <summary>
/// Writes that nobody could take, because there was no leader just then (ADR-22), or one that had not caught up yet: nothing was stored, so
/// they are sent again, as long as the call may take.
/// </summary>
internal sealed class WriteRetry(BucketContext context, WriteReplies replies)
{
    // Nobody there twice may mean that there is no bucket: then there is no use in trying on.
    private const int AttemptsBeforeAsking = 2;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostForAsking = TimeSpan.FromMilliseconds(500);

    /// <summary>Sends a write again until somebody takes it.</summary>
    /// <param name="write">What to send.</param>
    /// <param name="refusal">Why nobody took it the first time; <see langword="null"/> if nobody was there.</param>
    /// <param name="deadline">When the call must be over.</param>
    /// <exception cref="NatsKvBucketNotFoundException">There is no bucket.</exception>
    /// <exception cref="NatsKvException">The time is up; says why nobody took it.</exception>
    public async ValueTask<NatsKvWriteResult> SendAgainAsync(PreparedWrite write, ApiError? refusal, CallDeadline deadline)
    {
        bool isKnown = !context.MayAsk;
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan pause = Backoff.Delay(attempt, LongestPause, Random.Shared.NextDouble());
            if (deadline.Left <= pause)
            {
                throw Reason(write, refusal);
            }

            await context.Exchange.PauseAsync(pause, deadline).ConfigureAwait(false);
            try
            {
                using NatsMessage reply = await context.Exchange.RequestAsync(write.Message, deadline).ConfigureAwait(false);
                if (replies.TryDecode(write, reply.AsReply(), out NatsKvWriteResult result, out refusal))
                {
                    return result;
                }
            }
            catch (NatsKvTimeoutException exception) when (!exception.WasSent)
            {
                // The pause took longer than it should have, and the time was up after it: why nobody took the write tells more.
                throw Reason(write, refusal);
            }

            // A question without an answer is asked again, but less and less often, because the write waits for it.
            if (!isKnown && refusal is null && attempt >= AttemptsBeforeAsking && BitOperations.IsPow2(attempt))
            {
                isKnown = await FindsBucketAsync(deadline.Within(MostForAsking)).ConfigureAwait(false);
            }
        }
    }

    private NatsKvException Reason(in PreparedWrite write, ApiError? refusal) => refusal is null
        ? context.NobodyTakes(write.Message.Subject)
        : ApiErrors.ToException(refusal, context.Subjects.Bucket);

    // Without a leader, or without the right to ask, this question fails too; that says nothing about the write, which is sent again.
    private async ValueTask<bool> FindsBucketAsync(CallDeadline deadline)
    {
        try
        {
            await context.GetInfoAsync(deadline).ConfigureAwait(false);
            return true;
        }
        catch (NatsKvException exception) when (exception is not (NatsKvBucketNotFoundException or NatsKvBucketConfigException or NatsKvNotSupportedException))
        {
            return false;
        }
    }
}

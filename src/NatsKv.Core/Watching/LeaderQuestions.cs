using NatsKv.Buckets;
using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>Asks the bucket's leader where the stream stands, on the tick of a consumer's timer, and ends the consumer when that can't go on.</summary>
internal sealed class LeaderQuestions(BucketContext context, WatchStatusBoard board, StreamJudge judge)
{
    /// <summary>Asks if it is time to.</summary>
    /// <param name="consumer">The consumer; its end ends the question.</param>
    /// <returns>Never fails.</returns>
    public async Task AskIfDueAsync(WatchConsumer consumer)
    {
        if (!board.Tick())
        {
            return;
        }

        try
        {
            StreamInfoResponse leader = await context.AskLeaderAsync(CallDeadline.PerRequest(consumer.Ended)).ConfigureAwait(false);
            judge.Answered(leader);
            if (!board.Answered(leader))
            {
                consumer.End(new ConsumerLostException($"Bucket '{context.Subjects.Bucket}' was made anew, or set back."));
            }
        }
        catch (NatsKvException exception)
        {
            if (!board.Unanswered(exception) || !exception.IsTransient)
            {
                consumer.End(exception);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The consumer has ended, or the client has been disposed, which the watch's loop finds out by itself.
        }
    }
}

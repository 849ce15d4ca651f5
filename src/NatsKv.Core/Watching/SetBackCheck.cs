using System.Security.Cryptography;
using NatsKv.Buckets;
using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>
/// Finds out whether a stream was set back and then overtook the place it had been at: a crash took the last writes with it, or an older copy
/// of the store was put in place, which keeps the stream's creation time, and writers went on before anybody looked. Then other messages
/// stand at numbers that a watch believes to know.
/// </summary>
internal sealed class SetBackCheck(BucketContext context)
{
    /// <summary>Whether another message than the one known stands, or stood, at a place.</summary>
    /// <param name="known">The newest message known.</param>
    /// <param name="now">The stream now.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public async ValueTask<bool> IsRewrittenAsync(StoredAt known, StreamMark now, CancellationToken cancellationToken)
    {
        if (known.Time == default || known.Sequence == 0)
        {
            return false;
        }

        if (now.Last == known.Sequence)
        {
            return now.LastTime != known.Time;
        }

        MessageGetResponse there = await GetAsync(new MessageGetRequest { Sequence = known.Sequence }, cancellationToken).ConfigureAwait(false);
        return there.Message is { } message ? message.Time != known.Time : await IsYoungerBeforeAsync(known, cancellationToken).ConfigureAwait(false);
    }

    // The message is gone, overwritten most likely. Numbers ascend with time: nothing up to its number may be younger than it was.
    private async ValueTask<bool> IsYoungerBeforeAsync(StoredAt known, CancellationToken cancellationToken)
    {
        DateTimeOffset later = known.Time.AddTicks(1);
        MessageGetResponse first = await GetAsync(new MessageGetRequest { StartTime = later }, cancellationToken).ConfigureAwait(false);
        return first.Error is { ErrorCode: ErrorCodes.BadRequest }
            ? await IsYoungerBeforeByConsumerAsync(known.Sequence, later, cancellationToken).ConfigureAwait(false)
            : first.Message is { } message && message.Sequence <= known.Sequence;
    }

    // Servers before 2.11 tell where a time begins only to a consumer that is to start there.
    private async ValueTask<bool> IsYoungerBeforeByConsumerAsync(ulong sequence, DateTimeOffset later, CancellationToken cancellationToken)
    {
        string name = RandomNumberGenerator.GetHexString(16);
        var request = new ConsumerCreateRequest
        {
            Stream = context.Subjects.Stream,
            Config = new ConsumerConfigDocument
            {
                Name = name,
                DeliverPolicy = "by_start_time",
                StartTime = later,
                DeliverSubject = null,
                IdleHeartbeat = null,
                FlowControl = null,
                MaxDeliver = null,
                AckWait = null,
                InactiveThreshold = TimeSpan.FromSeconds(1).Ticks * 100,
            },
        };
        ConsumerInfoResponse made = await context.Api.AskAsync(
            $"CONSUMER.CREATE.{context.Subjects.Stream}.{name}",
            request,
            JetStreamJsonContext.Default.ConsumerCreateRequest,
            JetStreamJsonContext.Default.ConsumerInfoResponse,
            cancellationToken).ConfigureAwait(false);

        // With nothing pending, it knows of nothing younger: a replica that is behind can't say more.
        return made.Error is { } error ? throw ApiErrors.ToException(error, context.Subjects.Bucket)
            : made.Delivered.Stream < sequence && made.Pending > 0;
    }

    private async ValueTask<MessageGetResponse> GetAsync(MessageGetRequest request, CancellationToken cancellationToken)
    {
        MessageGetResponse answer = await context.Api.AskAsync(
            $"STREAM.MSG.GET.{context.Subjects.Stream}",
            request,
            JetStreamJsonContext.Default.MessageGetRequest,
            JetStreamJsonContext.Default.MessageGetResponse,
            cancellationToken).ConfigureAwait(false);
        return answer.Error is { ErrorCode: not ErrorCodes.NoMessageFound and not ErrorCodes.BadRequest } error
            ? throw ApiErrors.ToException(error, context.Subjects.Bucket)
            : answer;
    }
}

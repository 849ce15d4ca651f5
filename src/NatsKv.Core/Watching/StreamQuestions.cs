using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using NatsKv.Buckets;
using NatsKv.JetStream;
using NatsKv.Keys;

namespace NatsKv.Watching;

/// <summary>Asks a real stream's leader.</summary>
internal sealed class StreamQuestions(BucketContext context, WatchPlan plan) : IStreamQuestions
{
    // The server places a consumer at random: so many attempts, times the number of replicas, miss the leader once in a hundred times.
    private const int AttemptsPerReplica = 4;

    private static readonly TimeSpan ProbeThreshold = TimeSpan.FromSeconds(1);

    private readonly WatchPlan _listing = plan with { HeadersOnly = true, IgnoreDeletes = false, IsFinite = true };

    public ValueTask<StreamInfoResponse> AskLeaderAsync(CancellationToken cancellationToken) => context.AskLeaderAsync(CallDeadline.PerRequest(cancellationToken));

    public async ValueTask<DateTimeOffset?> TimeOfAsync(ulong sequence, CancellationToken cancellationToken) =>
        (await GetAsync(new MessageGetRequest { Sequence = sequence }, cancellationToken).ConfigureAwait(false)).Message?.Time;

    public async ValueTask<bool> HasSinceAsync(DateTimeOffset time, ulong upTo, CancellationToken cancellationToken)
    {
        MessageGetResponse first = await GetAsync(new MessageGetRequest { StartTime = time }, cancellationToken).ConfigureAwait(false);
        if (first.Error is not { ErrorCode: ErrorCodes.BadRequest })
        {
            return first.Message is { } message && message.Sequence <= upTo;
        }

        // Servers before 2.11 tell where a time begins only to a consumer that is to start there. With nothing pending, it knows of nothing that
        // young: on a replica that is behind, it can't say more.
        ConsumerInfoResponse probe = await ProbeAsync(time, cancellationToken).ConfigureAwait(false);
        return probe.Delivered.Stream < upTo && probe.Pending > 0;
    }

    // By a consumer of its own, without values. Asked for names by STREAM.INFO, a server sorts all of them anew for each page of 100,000, which
    // took half a minute for a million keys; a consumer gives 200,000 in a quarter of a second. But a replica that is behind names what the
    // leader has removed: there, only a consumer that reads from the leader's own store will do.
    public async ValueTask NameAllAsync(KeyCensus census, CancellationToken cancellationToken)
    {
        StreamInfoResponse leader = await AskLeaderAsync(cancellationToken).ConfigureAwait(false);
        if (!leader.IsReplicated)
        {
            await ListAsync(_listing, census, cancellationToken).ConfigureAwait(false);
            return;
        }

        for (int attempts = leader.Config!.Replicas * AttemptsPerReplica; attempts > 0; attempts--)
        {
            string? node = leader.Cluster!.Leader;
            try
            {
                await ListAsync(_listing with { Node = node }, census, cancellationToken).ConfigureAwait(false);
            }
            catch (ConsumerLostException)
            {
                // It was placed elsewhere, where it costs little: nothing has been read.
                continue;
            }

            leader = await AskLeaderAsync(cancellationToken).ConfigureAwait(false);
            if (string.Equals(leader.Cluster?.Leader, node, StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new ConsumerLostException($"The names of the keys in bucket '{context.Subjects.Bucket}' could not be read from its leader.");
    }

    private async ValueTask ListAsync(WatchPlan plan, KeyCensus census, CancellationToken cancellationToken)
    {
        census.BeginLook();
        var listing = new WatchEngine(context, plan, onInterrupted: null, cancellationToken);
        await using ConfiguredAsyncDisposable disposal = listing.ConfigureAwait(false);
        do
        {
            await listing.WaitToReadAsync().ConfigureAwait(false);
        }
        while (!Read(listing, census));
    }

    private static bool Read(WatchEngine listing, KeyCensus census)
    {
        while (listing.TryRead(out WatchItem item))
        {
            switch (item.Kind)
            {
                case NatsKvWatchEventKind.Entry:
                    census.Named(KeyHash.Of(item.Entry.Key));
                    break;
                case NatsKvWatchEventKind.Reset:
                    census.BeginLook();
                    break;
                default:
                    return true;
            }
        }

        return false;
    }

    private async ValueTask<ConsumerInfoResponse> ProbeAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        string name = RandomNumberGenerator.GetHexString(16);
        var request = new ConsumerCreateRequest
        {
            Stream = context.Subjects.Stream,
            Config = new ConsumerConfigDocument
            {
                Name = name,
                DeliverPolicy = "by_start_time",
                StartTime = time,
                DeliverSubject = null,
                IdleHeartbeat = null,
                FlowControl = null,
                MaxDeliver = null,
                AckWait = null,
                InactiveThreshold = ProbeThreshold.Ticks * 100,
            },
        };
        ConsumerInfoResponse made = await context.Api.AskAsync(
            $"CONSUMER.CREATE.{context.Subjects.Stream}.{name}",
            request,
            JetStreamJsonContext.Default.ConsumerCreateRequest,
            JetStreamJsonContext.Default.ConsumerInfoResponse,
            CallDeadline.PerRequest(cancellationToken)).ConfigureAwait(false);
        return made.Error is { } error ? throw ApiErrors.ToException(error, context.Subjects.Bucket) : made;
    }

    private async ValueTask<MessageGetResponse> GetAsync(MessageGetRequest request, CancellationToken cancellationToken)
    {
        MessageGetResponse answer = await context.AskForMessageAsync(request, CallDeadline.PerRequest(cancellationToken)).ConfigureAwait(false);
        return answer.Error is { ErrorCode: not ErrorCodes.NoMessageFound and not ErrorCodes.BadRequest } error
            ? throw ApiErrors.ToException(error, context.Subjects.Bucket)
            : answer;
    }
}

using NatsKv.JetStream;
using NatsKv.Transport;
using NatsKv.Watching;

namespace NatsKv.Buckets;

/// <summary>What everything about one bucket works with.</summary>
internal sealed class BucketContext
{
    private BucketTraits? _traits;

    private readonly RevisionFloors _floors;

    public BucketContext(INatsTransport transport, string bucket, TimeProvider time, RevisionFloors floors)
        : this(transport, new BucketSubjects(bucket), time, new AwaitingExchange(transport, time), floors)
    {
    }

    private BucketContext(INatsTransport transport, BucketSubjects subjects, TimeProvider time, IExchange exchange, RevisionFloors floors)
    {
        _floors = floors;
        Transport = transport;
        Subjects = subjects;
        Time = time;
        Exchange = exchange;
        Api = new JetStreamApi(exchange);
        Gate = new WatchGate(time);
    }

    public INatsTransport Transport { get; }

    public IExchange Exchange { get; }

    public JetStreamApi Api { get; }

    public BucketSubjects Subjects { get; }

    public TimeProvider Time { get; }

    /// <summary>What the watches of the connection share.</summary>
    public WatchGate Gate { get; init; }

    /// <summary>How long the connection waits for an answer.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a call on this handle may take, where that is another time than the connection's.</summary>
    public TimeSpan? CallTimeout { get; init; }

    /// <summary>What the first message of a call carries, so that its answer takes no longer than the call may.</summary>
    public TimeSpan MessageTimeout => CallTimeout ?? TimeSpan.Zero;

    /// <summary>A call begins.</summary>
    public CallDeadline BeginCall(CancellationToken cancellationToken) => ContinueCall(Time.GetTimestamp(), cancellationToken);

    /// <summary>A call that began at a time stamp takes more than its first request.</summary>
    public CallDeadline ContinueCall(long start, CancellationToken cancellationToken) => new(Time, start, CallTimeout ?? RequestTimeout, cancellationToken);

    /// <summary>The same bucket for operations that block.</summary>
    public BucketContext ForBlocking() => new(Transport, Subjects, Time, new BlockingExchange(Transport), _floors)
    {
        RequestTimeout = RequestTimeout,
        CallTimeout = CallTimeout,
        _traits = _traits,
        HasNoDirectGet = HasNoDirectGet,
    };

    /// <summary>What is known of the bucket, if anything is.</summary>
    public BucketTraits? Traits => Volatile.Read(ref _traits);

    /// <summary>
    /// What this process knows of the keys' revisions; <see langword="null"/> on a bucket that one server holds, where no answer can lag behind.
    /// </summary>
    public RevisionFloors? Floors => Traits is { IsReplicated: false } ? null : _floors;

    /// <summary>Whether a direct get was answered by nobody, as on buckets that other clients made without it.</summary>
    public bool HasNoDirectGet { get; set; }

    /// <summary>Takes over what another context knows.</summary>
    public void Learn(BucketContext other) => Volatile.Write(ref _traits, other.Traits);

    /// <summary>Keeps what an answer about the stream tells.</summary>
    public void Remember(StreamInfoResponse info)
    {
        BucketTraits traits = BucketTraits.From(info);
        _floors.Identify(traits.Created);
        Volatile.Write(ref _traits, traits);
    }

    /// <summary>Forgets it, because the server has contradicted it.</summary>
    public void Forget()
    {
        Volatile.Write(ref _traits, null);
        HasNoDirectGet = false;
    }

    /// <summary>What is known of the bucket; asks the server the first time.</summary>
    public async ValueTask<BucketTraits> GetTraitsAsync(CallDeadline deadline)
    {
        if (Volatile.Read(ref _traits) is { } traits)
        {
            return traits;
        }

        return BucketTraits.From(await GetInfoAsync(deadline).ConfigureAwait(false));
    }

    /// <summary>Asks the server about the bucket.</summary>
    /// <exception cref="NatsKvBucketNotFoundException">There is none.</exception>
    /// <exception cref="NatsKvBucketConfigException">There is a stream of that name that is no bucket.</exception>
    public async ValueTask<StreamInfoResponse> GetInfoAsync(CallDeadline deadline)
    {
        StreamInfoResponse info = await Api.AskAsync(
            $"STREAM.INFO.{Subjects.Stream}", default, JetStreamJsonContext.Default.StreamInfoResponse, deadline).ConfigureAwait(false);
        if (info.Error is { } error)
        {
            throw ApiErrors.ToException(error, Subjects.Bucket);
        }

        ThrowIfNoBucket(info.Config);
        Remember(info);
        return info;
    }

    /// <summary>The same by the leader's word.</summary>
    /// <exception cref="NatsKvServerException">There is no leader just now.</exception>
    public async ValueTask<StreamInfoResponse> AskLeaderAsync(CallDeadline deadline)
    {
        StreamInfoResponse info = await GetInfoAsync(deadline).ConfigureAwait(false);
        if (info.IsLeaderless)
        {
            throw new NatsKvServerException(503, ErrorCodes.ClusterNotAvailable, $"Bucket '{Subjects.Bucket}' has no leader just now.");
        }

        if (info.IsReplicated)
        {
            await ConfirmLeaderAsync(deadline).ConfigureAwait(false);
        }

        return info;
    }

    /// <summary>Asks the leader for a message.</summary>
    /// <returns>The answer, which may be an error.</returns>
    public ValueTask<MessageGetResponse> AskForMessageAsync(MessageGetRequest request, CallDeadline deadline) => Api.AskAsync(
        $"STREAM.MSG.GET.{Subjects.Stream}",
        request,
        JetStreamJsonContext.Default.MessageGetRequest,
        JetStreamJsonContext.Default.MessageGetResponse,
        deadline);

    // A leader that is cut off from the others describes the stream as its leader for up to 20 s, but gives messages for some 4 to 8 s only, unless it
    // leads the cluster's own group too. So it is asked for one that is never there, after the description.
    private async ValueTask ConfirmLeaderAsync(CallDeadline deadline)
    {
        MessageGetResponse answer = await AskForMessageAsync(new MessageGetRequest { Sequence = ulong.MaxValue }, deadline).ConfigureAwait(false);
        if (answer.Error is { ErrorCode: not ErrorCodes.NoMessageFound } error)
        {
            throw ApiErrors.ToException(error, Subjects.Bucket);
        }
    }

    /// <summary>Refuses what only has the name of a bucket: to change it, or write to it, could destroy what it holds.</summary>
    /// <exception cref="NatsKvBucketConfigException">It is a stream of another kind.</exception>
    public void ThrowIfNoBucket(StreamConfigDocument? config)
    {
        if (config is null || !BucketStream.IsBucket(config))
        {
            throw new NatsKvBucketConfigException(
                Subjects.Bucket, $"Stream '{Subjects.Stream}' is no Key/Value bucket: it has no limit of messages per subject. Use another bucket name.");
        }
    }
}

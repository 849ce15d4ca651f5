using NatsKv.JetStream;
using NatsKv.Keys;
using NatsKv.Transport;
using NatsKv.Watching;

namespace NatsKv.Buckets;

/// <summary>What everything about one bucket works with.</summary>
internal sealed class BucketContext
{
    private readonly RevisionFloors _floors;
    private readonly NatsKvBucketOptions _options;
    private BucketTraits? _traits;

    public BucketContext(INatsTransport transport, BucketSubjects subjects, TimeProvider time, RevisionFloors floors, NatsKvBucketOptions options)
        : this(transport, subjects, time, new AwaitingExchange(transport, time), floors, new DirectGetRoute(time), options)
    {
    }

    private BucketContext(
        INatsTransport transport,
        BucketSubjects subjects,
        TimeProvider time,
        IExchange exchange,
        RevisionFloors floors,
        DirectGetRoute directGet,
        NatsKvBucketOptions options)
    {
        _floors = floors;
        _options = options;
        DirectGet = directGet;
        Transport = transport;
        Subjects = subjects;
        Time = time;
        Exchange = exchange;
        Api = new JetStreamApi(exchange, subjects.ApiPrefix);
    }

    public INatsTransport Transport { get; }

    public IExchange Exchange { get; }

    public JetStreamApi Api { get; }

    public BucketSubjects Subjects { get; }

    public TimeProvider Time { get; }

    /// <summary>What the watches of the connection share.</summary>
    public required WatchGate Gate { get; init; }

    /// <summary>How long the connection waits for an answer.</summary>
    public required TimeSpan RequestTimeout { get; init; }

    /// <summary>What the first message of a call carries, so that its answer takes no longer than the call may; zero: as long as the connection waits.</summary>
    public TimeSpan MessageTimeout => _options.Timeout ?? TimeSpan.Zero;

    /// <summary>How long a call may take.</summary>
    public TimeSpan CallTimeout => _options.Timeout ?? RequestTimeout;

    /// <summary>Whether questions may be asked that only tell about the bucket.</summary>
    public bool MayAsk => _options.AskServer;

    /// <summary>Which keys and filters are let through.</summary>
    public NatsKvKeyValidation KeyValidation => _options.KeyValidation;

    /// <summary>A call begins.</summary>
    public CallDeadline BeginCall(CancellationToken cancellationToken) => new(Time, CallTimeout, cancellationToken);

    /// <summary>The same bucket for operations that block.</summary>
    public BucketContext ForBlocking() => new(Transport, Subjects, Time, new BlockingExchange(Transport), _floors, DirectGet, _options)
    {
        Gate = Gate,
        RequestTimeout = RequestTimeout,
        _traits = _traits,
    };

    /// <summary>What is known of the bucket, if anything is.</summary>
    public BucketTraits? Traits => Volatile.Read(ref _traits);

    /// <summary>
    /// What this process knows of the keys' revisions; <see langword="null"/> on a bucket that one server holds and no mirror, where no answer can lag behind.
    /// </summary>
    public RevisionFloors? Floors => Traits is { MayLag: false } ? null : _floors;

    /// <summary>Whether reads may go to any replica; on buckets that other clients made they may not.</summary>
    public DirectGetRoute DirectGet { get; }

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
        DirectGet.Reset();
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

    /// <summary>Refuses a key before anything is sent.</summary>
    /// <exception cref="ArgumentException">It is not a legal key.</exception>
    public void ThrowIfNotKey(string key) => KeyRules.ThrowIfNotKey(key, KeyValidation);

    /// <summary>Refuses what can't be done without questions about the bucket.</summary>
    /// <param name="operation">What that is, as the beginning of a sentence.</param>
    /// <exception cref="NatsKvException">The handle was made to ask none.</exception>
    public void ThrowIfMayNotAsk(string operation)
    {
        if (!MayAsk)
        {
            throw new NatsKvException(
                $"{operation} needs to ask the server about bucket '{Subjects.Bucket}', and its handle was bound with {nameof(NatsKvBucketOptions.AskServer)} = false."
                + " Bind another handle without that, as a user who may send STREAM.INFO.");
        }
    }

    /// <summary>The exception for a write that nobody takes.</summary>
    public NatsKvException NobodyTakes(NatsSubject subject) => MayAsk
        ? ApiErrors.NobodyAnswers(Exchange.Server, subject.ToString())
        : ApiErrors.NobodyKnown(Exchange.Server, Subjects.Bucket, subject.ToString());

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

    /// <summary>A message by the leader's word.</summary>
    /// <returns>The message; <see langword="null"/> if there is none.</returns>
    public async ValueTask<StoredMessage?> GetStoredAsync(MessageGetRequest request, CallDeadline deadline)
    {
        MessageGetResponse answer = await AskForMessageAsync(request, deadline).ConfigureAwait(false);
        return answer.Error switch
        {
            null => answer.Message,
            { ErrorCode: ErrorCodes.NoMessageFound } => null,
            { } error => throw ApiErrors.ToException(error, Subjects.Bucket),
        };
    }

    // A leader that is cut off from the others describes the stream as its leader for up to 20 s, but gives messages for some 4 to 8 s only, unless it
    // leads the cluster's own group too. So it is asked for one that is never there, after the description.
    private async ValueTask ConfirmLeaderAsync(CallDeadline deadline)
    {
        await GetStoredAsync(new MessageGetRequest { Sequence = ulong.MaxValue }, deadline).ConfigureAwait(false);
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

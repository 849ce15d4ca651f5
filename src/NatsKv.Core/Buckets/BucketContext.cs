using NatsKv.JetStream;
using NatsKv.Transport;
using NatsKv.Watching;

namespace NatsKv.Buckets;

/// <summary>What everything about one bucket works with.</summary>
internal sealed class BucketContext
{
    private BucketTraits? _traits;

    public BucketContext(INatsTransport transport, string bucket, TimeProvider time)
        : this(transport, new BucketSubjects(bucket), time, new AwaitingExchange(transport, time))
    {
    }

    private BucketContext(INatsTransport transport, BucketSubjects subjects, TimeProvider time, IExchange exchange)
    {
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

    /// <summary>The same bucket for operations that block.</summary>
    public BucketContext ForBlocking() => new(Transport, Subjects, Time, new BlockingExchange(Transport)) { RequestTimeout = RequestTimeout, _traits = _traits, HasNoDirectGet = HasNoDirectGet };

    /// <summary>What is known of the bucket, if anything is.</summary>
    public BucketTraits? Traits => Volatile.Read(ref _traits);

    /// <summary>Whether a direct get was answered by nobody, as on buckets that other clients made without it.</summary>
    public bool HasNoDirectGet { get; set; }

    /// <summary>Takes over what another context knows.</summary>
    public void Learn(BucketContext other) => Volatile.Write(ref _traits, other.Traits);

    /// <summary>Keeps what an answer about the stream tells.</summary>
    public void Remember(StreamInfoResponse info) => Volatile.Write(ref _traits, BucketTraits.From(info));

    /// <summary>Forgets it, because the server has contradicted it.</summary>
    public void Forget()
    {
        Volatile.Write(ref _traits, null);
        HasNoDirectGet = false;
    }

    /// <summary>What is known of the bucket; asks the server the first time.</summary>
    public async ValueTask<BucketTraits> GetTraitsAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _traits) is { } traits)
        {
            return traits;
        }

        await GetInfoAsync(cancellationToken).ConfigureAwait(false);
        return _traits!;
    }

    /// <summary>Asks the server about the bucket.</summary>
    /// <exception cref="NatsKvBucketNotFoundException">There is none.</exception>
    /// <exception cref="NatsKvBucketConfigException">There is a stream of that name that is no bucket.</exception>
    public async ValueTask<StreamInfoResponse> GetInfoAsync(CancellationToken cancellationToken)
    {
        StreamInfoResponse info = await Api.AskAsync(
            $"STREAM.INFO.{Subjects.Stream}", default, JetStreamJsonContext.Default.StreamInfoResponse, cancellationToken).ConfigureAwait(false);
        if (info.Error is { } error)
        {
            throw ApiErrors.ToException(error, Subjects.Bucket);
        }

        if (info.Config is null || !BucketStream.IsBucket(info.Config))
        {
            throw new NatsKvBucketConfigException(
                Subjects.Bucket, $"Stream '{Subjects.Stream}' is no Key/Value bucket: it has no limit of messages per subject. Use another bucket name.");
        }

        Remember(info);
        return info;
    }

    /// <summary>The same by the leader's word.</summary>
    /// <exception cref="NatsKvServerException">There is no leader just now.</exception>
    public async ValueTask<StreamInfoResponse> AskLeaderAsync(CancellationToken cancellationToken)
    {
        StreamInfoResponse info = await GetInfoAsync(cancellationToken).ConfigureAwait(false);
        return info.IsLeaderless
            ? throw new NatsKvServerException(503, ErrorCodes.ClusterNotAvailable, $"Bucket '{Subjects.Bucket}' has no leader just now.")
            : info;
    }
}

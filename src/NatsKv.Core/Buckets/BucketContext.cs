using Microsoft.Extensions.Logging;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Buckets;

/// <summary>What everything about one bucket works with.</summary>
internal sealed class BucketContext(INatsTransport transport, string bucket, TimeProvider time, ILoggerFactory loggerFactory)
{
    private BucketTraits? _traits;

    public INatsTransport Transport { get; } = transport;

    public JetStreamApi Api { get; } = new(transport);

    public BucketSubjects Subjects { get; } = new(bucket);

    public TimeProvider Time { get; } = time;

    public ILoggerFactory LoggerFactory { get; } = loggerFactory;

    /// <summary>What is known of the bucket, if anything is.</summary>
    public BucketTraits? Traits => Volatile.Read(ref _traits);

    /// <summary>Whether a direct get was answered by nobody, as on buckets that other clients made without it.</summary>
    public bool HasNoDirectGet { get; set; }

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
}

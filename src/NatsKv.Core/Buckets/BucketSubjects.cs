using System.Text;
using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>The subjects of one bucket, put together once.</summary>
internal sealed class BucketSubjects
{
    private readonly byte[] _keyPrefixBytes;

    public BucketSubjects(string bucket)
    {
        Bucket = bucket;
        Stream = BucketStream.NameOf(bucket);
        KeyPrefix = $"$KV.{bucket}.";
        _keyPrefixBytes = Encoding.ASCII.GetBytes(KeyPrefix);
        DirectGet = $"$JS.API.DIRECT.GET.{Stream}";
        DirectGetPrefix = $"{DirectGet}.{KeyPrefix}";
    }

    public string Bucket { get; }

    /// <summary>The stream's name.</summary>
    public string Stream { get; }

    /// <summary>What stands before a key in a subject.</summary>
    public string KeyPrefix { get; }

    /// <summary>Where stored messages are asked for by number.</summary>
    public string DirectGet { get; }

    /// <summary>What stands before a key when its latest revision is asked for.</summary>
    public string DirectGetPrefix { get; }

    /// <summary>The key in a subject of this bucket; <see langword="null"/> if the subject isn't one.</summary>
    public string? KeyOf(ReadOnlySpan<byte> subject) =>
        subject.Length > _keyPrefixBytes.Length && subject.StartsWith(_keyPrefixBytes)
            ? Encoding.UTF8.GetString(subject[_keyPrefixBytes.Length..])
            : null;
}

using System.Text;
using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>The subjects of one bucket, put together once.</summary>
internal sealed class BucketSubjects
{
    private readonly byte[] _keyPrefixBytes;

    /// <param name="bucket">The bucket's name.</param>
    /// <param name="apiPrefix">What the API's subjects begin with.</param>
    public BucketSubjects(string bucket, string apiPrefix = JetStreamApi.DefaultPrefix)
    {
        Bucket = bucket;
        Stream = BucketStream.NameOf(bucket);
        KeyPrefix = $"{BucketStream.SubjectPrefix}{bucket}.";
        _keyPrefixBytes = Encoding.ASCII.GetBytes(KeyPrefix);

        // In another domain or account the bucket's subjects lie behind the API's prefix; stored messages bear the names that they have there.
        ApiPrefix = apiPrefix;
        WritePrefix = IsOwnJetStream ? KeyPrefix : apiPrefix + KeyPrefix;
        DirectGet = $"{apiPrefix}DIRECT.GET.{Stream}";
        DirectGetPrefix = $"{DirectGet}.{KeyPrefix}";
    }

    public string Bucket { get; }

    /// <summary>The stream's name.</summary>
    public string Stream { get; }

    /// <summary>What stands before a key in the subject of a stored message, and in what asks for it.</summary>
    public string KeyPrefix { get; }

    /// <summary>What stands before a key in the subject that a write is sent to.</summary>
    public string WritePrefix { get; }

    /// <summary>What the API's subjects begin with.</summary>
    public string ApiPrefix { get; }

    /// <summary>Whether the bucket is in the JetStream of the servers that one connects to, and not in that of a domain or another account.</summary>
    public bool IsOwnJetStream => ApiPrefix == JetStreamApi.DefaultPrefix;

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

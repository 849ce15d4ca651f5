namespace NatsKv;

/// <summary>
/// The way to the buckets of one NATS account, over one connection that opens at the first use. Disposing releases this handle; the
/// connection closes when its last handle is released.
/// </summary>
public interface INatsKvClient : IAsyncDisposable, IDisposable
{
    /// <summary>The same operations for callers that can't await.</summary>
    INatsKvBlockingClient Blocking { get; }

    /// <summary>What the server said of itself when the connection was made; <see langword="null"/> while there is none.</summary>
    NatsKvServerInfo? Server { get; }

    /// <summary>A handle on a bucket without asking the server whether it exists.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="options">How the handle behaves; <see langword="null"/> for the defaults.</param>
    /// <returns>The handle; its operations fail with <see cref="NatsKvBucketNotFoundException"/> while there is no such bucket.</returns>
    /// <exception cref="ArgumentException">The name is not a legal bucket name, or an option is wrong.</exception>
    INatsKvBucket Bind(string bucket, NatsKvBucketOptions? options = null);

    /// <summary>A handle on an existing bucket.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="options">How the handle behaves; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="ArgumentException">
    /// The name is not a legal bucket name, or an option is wrong: with <see cref="NatsKvBucketOptions.AskServer"/> off, use <see cref="Bind"/>.
    /// </exception>
    /// <exception cref="NatsKvBucketNotFoundException">There is no such bucket.</exception>
    /// <exception cref="NatsKvConnectionException">The server can't be reached or refuses the connection.</exception>
    ValueTask<INatsKvBucket> GetBucketAsync(string bucket, NatsKvBucketOptions? options, CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes a bucket. An existing one with the same configuration is no error; one that an old client made, and that differs only in what
    /// clients once did otherwise (<c>discard</c>, <c>allow_direct</c>), is brought up to date (ADR-8).
    /// </summary>
    /// <param name="config">How to make it.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="NatsKvBucketExistsException">A bucket of that name exists with another configuration.</exception>
    /// <exception cref="NatsKvNotSupportedException">The server is too old for what <paramref name="config"/> asks.</exception>
    ValueTask<INatsKvBucket> CreateBucketAsync(NatsKvBucketConfig config, CancellationToken cancellationToken = default);

    /// <summary>Makes a bucket, or changes an existing one to this configuration; settings that this library doesn't know stay as they are.</summary>
    /// <param name="config">The wanted configuration.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="NatsKvBucketConfigException">
    /// The server refuses the change, for example another storage; or there is a stream of that name that is no bucket.
    /// </exception>
    /// <exception cref="NatsKvNotSupportedException">The server is too old for what <paramref name="config"/> asks.</exception>
    ValueTask<INatsKvBucket> CreateOrUpdateBucketAsync(NatsKvBucketConfig config, CancellationToken cancellationToken = default);

    /// <summary>
    /// Changes an existing bucket; what the change doesn't touch, and settings that this library doesn't know, stay as they are. A lower
    /// <see cref="NatsKvBucketConfig.History"/> drops revisions. Of two changes at the same time the later one wins.
    /// </summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="change">Makes the wanted configuration from the present one: <c>config => config with { History = 5 }</c>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="NatsKvBucketNotFoundException">There is no such bucket.</exception>
    /// <exception cref="NatsKvBucketConfigException">The server refuses the change.</exception>
    ValueTask<INatsKvBucket> UpdateBucketAsync(
        string bucket, Func<NatsKvBucketConfig, NatsKvBucketConfig> change, CancellationToken cancellationToken = default);

    /// <summary>The buckets of the account, page by page; other streams are left out.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the server says of each.</returns>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    IAsyncEnumerable<NatsKvBucketStatus> ListBucketsAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// The names of the buckets of the account. Cheaper than <see cref="ListBucketsAsync"/>, and for that goes by names: a stream that is
    /// called like a bucket and keeps subjects like one is taken for one.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The names.</returns>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    IAsyncEnumerable<string> ListBucketNamesAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes a bucket with everything in it.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns><see langword="false"/> if there was no such bucket.</returns>
    /// <exception cref="ArgumentException">The name is not a legal bucket name.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    ValueTask<bool> DeleteBucketAsync(string bucket, CancellationToken cancellationToken = default);

    /// <summary>Connects if that has not happened yet, and makes a round trip to the server.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How long the round trip took, without the time to connect.</returns>
    /// <exception cref="NatsKvConnectionException">The server can't be reached or refuses the connection.</exception>
    ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default);

    /// <summary>Another handle on the same connection, to be disposed by its own holder.</summary>
    /// <returns>The handle.</returns>
    INatsKvClient Share();
}

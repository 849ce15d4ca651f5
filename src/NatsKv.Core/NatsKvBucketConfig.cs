namespace NatsKv;

/// <summary>How a bucket is made (ADR-8). Only <see cref="Bucket"/> is required.</summary>
public sealed record NatsKvBucketConfig
{
    /// <summary>The bucket's name: letters, digits, <c>-</c> and <c>_</c>, at most 252 of them.</summary>
    public required string Bucket { get; init; }

    /// <summary>A text for people, 4 KiB at most.</summary>
    /// <value>The default is <see langword="null"/>: none.</value>
    public string? Description { get; init; }

    /// <summary>How many revisions of a key are kept.</summary>
    /// <value>1 to 64. The default is 1.</value>
    public int History { get; init; } = 1;

    /// <summary>How long any value lives at most; wins over a longer per-key TTL.</summary>
    /// <value>At least 100 milliseconds. The default is <see langword="null"/>: for ever.</value>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>
    /// Allows per-key TTLs, and says how long the marker stays that tells watchers of an expiry (ADR-43; the JavaScript client's
    /// <c>markerTTL</c>). At least one second; no marker outlives a shorter <see cref="MaxAge"/>. Needs nats-server 2.11.
    /// </summary>
    /// <value>The default is <see langword="null"/>: no per-key TTL, and expiry is invisible to watchers.</value>
    public TimeSpan? LimitMarkerTtl { get; init; }

    /// <summary>
    /// Allows per-key TTLs without limit markers (ADR-43); with <see cref="LimitMarkerTtl"/> they are allowed anyway. A server never takes it
    /// back. Needs nats-server 2.11.
    /// </summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool AllowKeyTtl { get; init; }

    /// <summary>The largest value in bytes; the server counts the headers too.</summary>
    /// <value>The default is <see langword="null"/>: what the server allows in a message, 1 MiB unless configured.</value>
    public int? MaxValueSize { get; init; }

    /// <summary>The most bytes that the bucket may hold; a full bucket refuses writes.</summary>
    /// <value>The default is <see langword="null"/>: no limit.</value>
    public long? MaxBytes { get; init; }

    /// <summary>Where the data is kept; it can't be changed later.</summary>
    /// <value>The default is <see cref="NatsKvStorage.File"/>.</value>
    public NatsKvStorage Storage { get; init; } = NatsKvStorage.File;

    /// <summary>How many servers of a cluster hold the data.</summary>
    /// <value>1 to 5. The default is 1.</value>
    public int Replicas { get; init; } = 1;

    /// <summary>Compress the data on disk (S2); needs nats-server 2.10.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Compression { get; init; }

    /// <summary>Let replicas other than the leader answer reads (ADR-31); without it every read goes to the leader.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool AllowDirectGet { get; init; } = true;

    /// <summary>Which servers may hold the bucket.</summary>
    /// <value>The default is <see langword="null"/>: any.</value>
    public NatsKvPlacement? Placement { get; init; }

    /// <summary>Names and texts to keep with the bucket; needs nats-server 2.10.</summary>
    /// <value>The default is <see langword="null"/>: none.</value>
    public NatsKvMetadata? Metadata { get; init; }
}

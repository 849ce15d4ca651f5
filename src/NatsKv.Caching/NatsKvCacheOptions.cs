using System.ComponentModel.DataAnnotations;

namespace NatsKv.Caching;

/// <summary>
/// How the cache uses its bucket. The same settings can stand in configuration section <c>NatsKv:Cache</c>; those that the application
/// makes in code win.
/// </summary>
public sealed class NatsKvCacheOptions
{
    /// <summary>The configuration section that holds these settings, <c>NatsKv:Cache</c>.</summary>
    public const string SectionName = "NatsKv:Cache";

    /// <summary>The bucket: letters, digits, <c>-</c> and <c>_</c>.</summary>
    /// <value>The default is <c>cache</c>.</value>
    [Required]
    [StringLength(252)]
    public string Bucket { get; set; } = "cache";

    /// <summary>
    /// Separates several caches in one bucket: each has its own keys. Letters, digits, <c>-</c> and <c>_</c>.
    /// </summary>
    /// <value>The default is <see langword="null"/>: the keys stand in the bucket by themselves.</value>
    [StringLength(64)]
    public string? InstanceName { get; set; }

    /// <summary>
    /// Whether the bucket is made when it is missing, at the first use and again when somebody has deleted it. An existing bucket is never
    /// changed.
    /// </summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool CreateBucket { get; set; } = true;

    /// <summary>Where the bucket keeps its data, if the cache makes it.</summary>
    /// <value>The default is <see cref="NatsKvStorage.File"/>: entries survive a restart of the server.</value>
    public NatsKvStorage Storage { get; set; } = NatsKvStorage.File;

    /// <summary>How many servers of a cluster hold the bucket, if the cache makes it.</summary>
    /// <value>1 to 5. The default is 1.</value>
    [Range(1, 5)]
    public int Replicas { get; set; } = 1;

    /// <summary>The most bytes that the bucket may hold, if the cache makes it. A full bucket refuses new entries.</summary>
    /// <value>The default is <see langword="null"/>: no limit.</value>
    public long? MaxBytes { get; set; }

    /// <summary>How long markers of removed and expired entries stay in the bucket, if the cache makes it.</summary>
    /// <value>At least one second. The default is one minute.</value>
    public TimeSpan LimitMarkerTtl { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How much longer than it may be served an entry stays on the server. It keeps an entry that is written anew when the old one expires
    /// away from the moment at which the server removes the old one; see docs/caching.md before you make it shorter.
    /// </summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan ExpirationGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an entry lives that is set without any expiration.</summary>
    /// <value>The default is <see langword="null"/>: for ever, unless <see cref="DefaultSlidingExpiration"/> says otherwise.</value>
    public TimeSpan? DefaultExpiration { get; set; }

    /// <summary>The sliding expiration of an entry that is set without any expiration.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public TimeSpan? DefaultSlidingExpiration { get; set; }

    /// <summary>What begins a sliding window anew.</summary>
    /// <value>The default is <see cref="NatsKvSlidingRefresh.OnGet"/>.</value>
    public NatsKvSlidingRefresh SlidingRefresh { get; set; } = NatsKvSlidingRefresh.OnGet;

    /// <summary>
    /// Which part of a sliding window may pass before using the entry writes it again. An entry never expires early for it, and at most this
    /// part of its window late. Windows below ten seconds are exact: every use writes.
    /// </summary>
    /// <value>0 to 0.5. The default is 0.1: a window of 20 minutes costs a write every 2 minutes at most.</value>
    [Range(0.0, 0.5)]
    public double SlidingRefreshQuantum { get; set; } = 0.1;

    /// <summary>
    /// Read from the leader of the bucket's stream, so that a read sees every acknowledged write. On a bucket with one replica there is no
    /// difference.
    /// </summary>
    /// <value>The default is <see langword="false"/>: any replica answers, which may lag a few milliseconds behind.</value>
    public bool ReadFromLeader { get; set; }
}

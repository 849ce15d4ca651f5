using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using NatsKv.Configuration.Following;
using NatsKv.Configuration.Settings;

namespace NatsKv.Configuration;

/// <summary>A NATS JetStream Key/Value bucket as a source of configuration.</summary>
/// <remarks>
/// What is not set here is taken from section <c>NatsKv:Configuration</c> of the sources before this one, then from the default. All settings
/// are read at the first <see cref="Build"/>; later changes have no effect. The source keeps one connection and one watch for all the
/// providers that it builds, as long as one of them is in use.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The feed belongs to the providers in use; the last of them disposes it")]
public sealed class NatsKvConfigurationSource : IConfigurationSource
{
    /// <summary>The configuration section that holds these settings.</summary>
    public const string SectionName = "NatsKv:Configuration";

    /// <summary>The bucket that is read when none is named.</summary>
    public const string DefaultBucket = "config";

    internal static readonly TimeSpan DefaultLoadTimeout = TimeSpan.FromSeconds(10);
    internal static readonly TimeSpan DefaultReloadDelay = TimeSpan.FromMilliseconds(50);
    internal static readonly TimeSpan DefaultMaxReloadDelay = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private ConfigurationSettings? _settings;
    private NatsKvConfigurationSource[] _neighbours = [];
    private BucketFeed? _feed;

    /// <summary>The bucket's name.</summary>
    /// <value>The default is <c>config</c>.</value>
    public string? Bucket { get; set; }

    /// <summary>
    /// Reads only the keys below this one, and leaves it out of their names: with <c>app.web</c>, key <c>app.web.Greeting</c> is setting
    /// <c>Greeting</c>, while <c>app.web</c> itself and <c>app.website.Greeting</c> are none.
    /// </summary>
    /// <value>The default is <see langword="null"/>: all keys.</value>
    public string? Prefix { get; set; }

    /// <summary>
    /// Whether the host starts without the bucket. An optional source never throws for anything that the server or the network does: it
    /// starts empty, keeps trying, and reloads when the bucket appears.
    /// </summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Optional { get => OptionalOrNull ?? false; set => OptionalOrNull = value; }

    /// <summary>Whether changes of the bucket are followed. Otherwise it is read at the start and at <see cref="IConfigurationRoot.Reload"/>.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool ReloadOnChange { get => ReloadOnChangeOrNull ?? true; set => ReloadOnChangeOrNull = value; }

    /// <summary>How long the start waits for the bucket's content.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan LoadTimeout { get => LoadTimeoutOrNull ?? DefaultLoadTimeout; set => LoadTimeoutOrNull = value; }

    /// <summary>
    /// How long there must be no further change before changes are applied. The first one after a quiet time is applied at once. Zero applies
    /// every change at once.
    /// </summary>
    /// <value>The default is 50 milliseconds.</value>
    public TimeSpan ReloadDelay { get => ReloadDelayOrNull ?? DefaultReloadDelay; set => ReloadDelayOrNull = value; }

    /// <summary>The longest that a change waits while others keep coming.</summary>
    /// <value>The default is 500 milliseconds.</value>
    public TimeSpan MaxReloadDelay { get => MaxReloadDelayOrNull ?? DefaultMaxReloadDelay; set => MaxReloadDelayOrNull = value; }

    /// <summary>
    /// Sets up the connection. What it leaves alone comes from section <c>NatsKv</c> and <c>ConnectionStrings:nats</c> of the sources before
    /// this one; values that came out of a bucket are passed over.
    /// </summary>
    /// <value>The default is <see langword="null"/>.</value>
    public Action<NatsKvOptions>? ConfigureConnection { get; set; }

    /// <summary>Called when a required bucket can't be loaded; it can decide to start without.</summary>
    /// <value>The default is <see langword="null"/>: the exception is thrown.</value>
    public Action<NatsKvLoadExceptionContext>? OnLoadException { get; set; }

    /// <summary>Where to log: the host's own logging does not exist yet when configuration is loaded.</summary>
    /// <value>The default is <see langword="null"/>: nowhere.</value>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The clock of delays and timeouts, except for <see cref="LoadTimeout"/>, which blocks a thread in real time.</summary>
    /// <value>The default is <see langword="null"/>: the system's.</value>
    public TimeProvider? TimeProvider { get; set; }

    internal bool? OptionalOrNull { get; private set; }

    internal bool? ReloadOnChangeOrNull { get; private set; }

    internal TimeSpan? LoadTimeoutOrNull { get; private set; }

    internal TimeSpan? ReloadDelayOrNull { get; private set; }

    internal TimeSpan? MaxReloadDelayOrNull { get; private set; }

    /// <summary>How soon a watch notices that its bucket is gone; shorter in tests.</summary>
    internal TimeSpan IdleHeartbeat { get; set; } = new NatsKvWatchOptions().IdleHeartbeat;

    /// <summary>Makes the client, for tests without a server.</summary>
    internal Func<ConfigurationSettings, INatsKvClient> ClientFactory { get; init; } =
        static settings => new NatsKvClient(settings.ConnectionOptions, settings.LoggerFactory, settings.TimeProvider);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A setting is wrong; the message names it and says what it should be.</exception>
    public IConfigurationProvider Build(IConfigurationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        lock (_gate)
        {
            _neighbours = [.. builder.Sources.OfType<NatsKvConfigurationSource>().Where(other => other != this)];
            _settings ??= EarlierConfiguration.Read(builder, this, earlier => SettingsResolver.Resolve(this, earlier));
            return new NatsKvConfigurationProvider(this, _settings);
        }
    }

    /// <summary>The feed, with the provider among those that it serves; made if no provider is in use now.</summary>
    internal BucketFeed Attach(NatsKvConfigurationProvider provider)
    {
        if (TryAttach(provider) is { } present)
        {
            return present;
        }

        // Outside the lock: looking at a neighbour takes the neighbour's.
        ConfigurationSettings settings = provider.Settings;
        INatsKvClient client = ShareNeighbour(settings) ?? ClientFactory(settings);
        lock (_gate)
        {
            if (TryAttach(provider) is { } other)
            {
                client.Dispose();
                return other;
            }

            _feed = new BucketFeed(settings, client, new QuietLogger(settings.LoggerFactory.CreateLogger("NatsKv.Configuration")));
            _feed.TryAttach(provider);
            return _feed;
        }
    }

    /// <summary>Takes a provider away; the feed is returned if it was the last one, to be disposed by the caller.</summary>
    internal BucketFeed? Detach(NatsKvConfigurationProvider provider, BucketFeed feed)
    {
        lock (_gate)
        {
            if (!feed.Detach(provider))
            {
                return null;
            }

            if (_feed == feed)
            {
                _feed = null;
            }

            return feed;
        }
    }

    internal INatsKvClient? TryShareClient()
    {
        lock (_gate)
        {
            return _feed?.TryShareClient();
        }
    }

    private BucketFeed? TryAttach(NatsKvConfigurationProvider provider)
    {
        lock (_gate)
        {
            return _feed?.TryAttach(provider) == true ? _feed : null;
        }
    }

    // Two sources with the same connection settings, typically two buckets, need one connection.
    private INatsKvClient? ShareNeighbour(ConfigurationSettings settings)
    {
        foreach (NatsKvConfigurationSource neighbour in _neighbours)
        {
            if (neighbour._settings is { } other
                && other.Connection.DifferencesFrom(settings.Connection).Count == 0
                && neighbour.TryShareClient() is { } client)
            {
                return client;
            }
        }

        return null;
    }
}

using System.Net.Security;
using NatsKv.Connection;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv;

/// <summary>The validated, unchanging settings of one connection.</summary>
public sealed class NatsKvConnectionSettings
{
    /// <summary>Copies and validates options.</summary>
    /// <param name="options">The options; later changes to them have no effect.</param>
    /// <exception cref="ArgumentException">A setting is wrong; the message names it and says what it should be.</exception>
    public NatsKvConnectionSettings(NatsKvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<NatsUrl> servers = NatsUrl.ParseList(options.Url ?? DefaultUrl);
        Servers = [.. servers.Select(server => server.WithCredentials(options.User, options.Password, options.Token, others: servers[0]))];
        ClientName = options.ClientName ?? AppDomain.CurrentDomain.FriendlyName;
        RequestTimeout = Positive(options.RequestTimeout, nameof(options.RequestTimeout));
        ConnectTimeout = Positive(options.ConnectTimeout, nameof(options.ConnectTimeout));
        MaxReconnectDelay = Positive(options.MaxReconnectDelay, nameof(options.MaxReconnectDelay));
        PingInterval = Positive(options.PingInterval, nameof(options.PingInterval));
        JetStreamDomain = options.JetStreamDomain;
        ApiPrefix = options.ApiPrefix;
        FullApiPrefix = ApiSubjects.PrefixOf(options);
        Continuations = options.Continuations;
        ConfigureTls = options.ConfigureTls;
        TransportFactory = options.TransportFactory;
        if (Servers.Any(static server => server is { User: not null, Token: not null }))
        {
            throw new ArgumentException("Both a user and a token are set for the NATS connection. Set NatsKvOptions.User and Password, or Token, not both.");
        }
    }

    /// <summary>The URL that is used when none is set.</summary>
    public const string DefaultUrl = "nats://localhost:4222";

    /// <summary>The servers, each with the credentials that it is shown.</summary>
    internal IReadOnlyList<NatsUrl> Servers { get; }

    /// <summary>What the API's subjects begin with, the closing dot included.</summary>
    internal string FullApiPrefix { get; }

    internal Action<SslClientAuthenticationOptions>? ConfigureTls { get; }

    internal Func<NatsTransportContext, INatsTransport>? TransportFactory { get; }

    /// <summary>The servers' addresses without credentials, separated by commas.</summary>
    public string Url => string.Join(',', Servers);

    /// <inheritdoc cref="NatsKvOptions.ClientName"/>
    public string ClientName { get; }

    /// <inheritdoc cref="NatsKvOptions.RequestTimeout"/>
    public TimeSpan RequestTimeout { get; }

    /// <inheritdoc cref="NatsKvOptions.ConnectTimeout"/>
    public TimeSpan ConnectTimeout { get; }

    /// <inheritdoc cref="NatsKvOptions.MaxReconnectDelay"/>
    public TimeSpan MaxReconnectDelay { get; }

    /// <inheritdoc cref="NatsKvOptions.PingInterval"/>
    public TimeSpan PingInterval { get; }

    /// <inheritdoc cref="NatsKvOptions.JetStreamDomain"/>
    public string? JetStreamDomain { get; }

    /// <inheritdoc cref="NatsKvOptions.ApiPrefix"/>
    public string? ApiPrefix { get; }

    /// <inheritdoc cref="NatsKvOptions.Continuations"/>
    public NatsKvContinuations Continuations { get; }

    /// <summary>Names the settings in which two connections differ, without their values.</summary>
    /// <param name="other">The other settings.</param>
    /// <returns>The names of the differing settings; empty if one connection can serve both.</returns>
    public IReadOnlyList<string> DifferencesFrom(NatsKvConnectionSettings other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var names = new List<string>();
        Compare(nameof(Url), Url == other.Url);
        CompareServers(nameof(NatsKvOptions.User), static server => server.User);
        CompareServers(nameof(NatsKvOptions.Password), static server => server.Password);
        CompareServers(nameof(NatsKvOptions.Token), static server => server.Token);
        Compare(nameof(ClientName), ClientName == other.ClientName);
        Compare(nameof(RequestTimeout), RequestTimeout == other.RequestTimeout);
        Compare(nameof(ConnectTimeout), ConnectTimeout == other.ConnectTimeout);
        Compare(nameof(MaxReconnectDelay), MaxReconnectDelay == other.MaxReconnectDelay);
        Compare(nameof(PingInterval), PingInterval == other.PingInterval);
        Compare(nameof(JetStreamDomain), JetStreamDomain == other.JetStreamDomain);
        Compare(nameof(ApiPrefix), ApiPrefix == other.ApiPrefix);
        Compare(nameof(NatsKvOptions.ConfigureTls), ConfigureTls == other.ConfigureTls);
        Compare(nameof(Continuations), Continuations == other.Continuations);
        Compare(nameof(TransportFactory), TransportFactory == other.TransportFactory);
        return names;

        void CompareServers(string name, Func<NatsUrl, string?> credential) =>
            Compare(name, Shown(this, credential).SequenceEqual(Shown(other, credential), StringComparer.Ordinal));

        static IEnumerable<string?> Shown(NatsKvConnectionSettings settings, Func<NatsUrl, string?> credential) =>
            settings.Servers.Select(credential).Distinct(StringComparer.Ordinal);

        void Compare(string name, bool same)
        {
            if (!same)
            {
                names.Add(name);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Url;

    // Timers and waits take no more than 24 days, and would say so only when they are first used.
    private static TimeSpan Positive(TimeSpan value, string name) => value > TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue
        ? value
        : throw new ArgumentException($"NatsKvOptions.{name} is {value}; it must be longer than zero, and 24 days at most.");
}

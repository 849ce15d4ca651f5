using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using NatsKv.Transport;

namespace NatsKv;

/// <summary>How to reach NATS. The same settings can stand in configuration section <c>NatsKv</c>, the URL also in <c>ConnectionStrings:nats</c>.</summary>
public sealed class NatsKvOptions
{
    /// <summary>
    /// Where the server is: <c>nats://host:4222</c>, several separated by commas for a cluster. A user and password, or a token, may stand
    /// before the host; they never appear in a message or log. A server of a cluster without any is shown those of the first.
    /// </summary>
    /// <value>The default is <c>nats://localhost:4222</c>.</value>
    public string? Url { get; set; }

    /// <summary>The user, if the server wants one; wins over those in <see cref="Url"/>.</summary>
    /// <value>The default is <see langword="null"/>: the one in <see cref="Url"/>, or none.</value>
    public string? User { get; set; }

    /// <summary>The user's password.</summary>
    /// <value>The default is <see langword="null"/>: the one in <see cref="Url"/>, or none.</value>
    public string? Password { get; set; }

    /// <summary>A token, if the server wants one instead of a user.</summary>
    /// <value>The default is <see langword="null"/>: the one in <see cref="Url"/>, or none.</value>
    public string? Token { get; set; }

    /// <summary>The name under which the connection appears on the server.</summary>
    /// <value>The default is the application's name.</value>
    public string? ClientName { get; set; }

    /// <summary>
    /// How long a call may take before it fails with <see cref="NatsKvTimeoutException"/>: all its requests, pauses and waits for the connection
    /// together. <see cref="NatsKvBucketOptions.Timeout"/> sets another time for one handle.
    /// </summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one attempt to connect may take.</summary>
    /// <value>The default is 2 seconds.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest pause between attempts to reconnect; they start at 50 ms, double, and carry jitter.</summary>
    /// <value>The default is 2 seconds.</value>
    public TimeSpan MaxReconnectDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often to check that an idle connection lives; two unanswered checks break it.</summary>
    /// <value>The default is 20 seconds.</value>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The JetStream domain that holds the buckets, where it isn't the one that the connection leads to, as for a leaf node (ADR-19).
    /// Excludes <see cref="ApiPrefix"/>.
    /// </summary>
    /// <value>The default is <see langword="null"/>: the connected server's own.</value>
    public string? JetStreamDomain { get; set; }

    /// <summary>
    /// What JetStream's API is called in this account, if it is imported from another: requests go to <c>prefix.STREAM.INFO…</c> in place
    /// of <c>$JS.API.STREAM.INFO…</c>, and writes to <c>prefix.$KV.bucket.key</c> (ADR-19), so both must be imported under the prefix. Watches
    /// and listings need <c>_INBOX.></c>, on which they are delivered, and <c>$JS.FC.></c> too, both under their own names.
    /// 200 characters at most.
    /// </summary>
    /// <value>The default is <see langword="null"/>: <c>$JS.API</c>.</value>
    public string? ApiPrefix { get; set; }

    /// <summary>Changes how a <c>tls://</c> connection is secured, for example which server certificates are trusted or which one the client shows.</summary>
    /// <value>The default is <see langword="null"/>: the system's trusted authorities, and no client certificate.</value>
    public Action<SslClientAuthenticationOptions>? ConfigureTls { get; set; }

    /// <summary>Where the code behind an <c>await</c> goes on.</summary>
    /// <value>The default is <see cref="NatsKvContinuations.Adaptive"/>.</value>
    public NatsKvContinuations Continuations { get; set; }

    /// <summary>
    /// Makes the transport instead of the built-in connection. Clients whose other settings are the same share a transport if these delegates
    /// are equal.
    /// </summary>
    /// <value>The default is <see langword="null"/>: the built-in connection.</value>
    [Experimental("NATSKV001")]
    public Func<NatsTransportContext, INatsTransport>? TransportFactory { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"NATS at {Connection.NatsUrl.Redact(Url)}";
}

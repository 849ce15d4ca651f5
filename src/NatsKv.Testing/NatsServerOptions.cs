namespace NatsKv.Testing;

/// <summary>How a <see cref="NatsServer"/> is started. Copied at the start: later changes have no effect.</summary>
public sealed class NatsServerOptions
{
    /// <summary>The port for clients, on the loopback interface only.</summary>
    /// <value>Default 0: a free one is chosen, and kept over restarts.</value>
    public int Port { get; set; }

    /// <summary>Which line of nats-server to run.</summary>
    /// <value>Default <see cref="NatsServerVersion.Latest"/>.</value>
    public NatsServerVersion ServerVersion { get; set; } = NatsServerVersion.Latest;

    /// <summary>Whether JetStream, and with it Key/Value, is on.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool JetStream { get; set; } = true;

    /// <summary>The domain that JetStream belongs to.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public string? JetStreamDomain { get; set; }

    /// <summary>The folder that holds the streams.</summary>
    /// <value>Default <see langword="null"/>: a private temporary folder, deleted in the end. A folder that is given is kept.</value>
    public string? StoreDirectory { get; set; }

    /// <summary>The user that clients log in as; needs <see cref="Password"/>.</summary>
    /// <value>Default <see langword="null"/>: no login.</value>
    public string? User { get; set; }

    /// <summary>The password of <see cref="User"/>. Written to a file that only the current user can read, never to a command line.</summary>
    /// <value>Default <see langword="null"/>.</value>
    public string? Password { get; set; }

    /// <summary>The token that clients log in with, instead of a user and a password.</summary>
    /// <value>Default <see langword="null"/>: no login.</value>
    public string? Token { get; set; }

    /// <summary>Text in nats-server's own configuration language, added at the end of the configuration file.</summary>
    /// <remarks>
    /// With logins or TLS of its own, which <see cref="NatsServer"/> has no credentials for, readiness is what the server's health
    /// endpoint says.
    /// </remarks>
    /// <value>Default <see langword="null"/>.</value>
    public string? ExtraConfiguration { get; set; }

    /// <summary>The server's name, which clients see and which names it in a cluster.</summary>
    /// <value>Default <see langword="null"/>: a random one.</value>
    public string? ServerName { get; set; }

    /// <summary>How long a start may take until the server is ready; the time to fetch nats-server doesn't count.</summary>
    /// <value>Default a minute: a machine that is busy with other things too takes its time.</value>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Is told in one line each what takes long, such as the fetching of nats-server.</summary>
    /// <value>Default <see langword="null"/>.</value>
    public IProgress<string>? Progress { get; set; }

    internal NatsServerOptions Copy() => (NatsServerOptions)MemberwiseClone();

    internal static void Validate(NatsServerOptions options)
    {
        string? complaint =
            options.Port is < 0 or > 65535 ? $"{nameof(Port)} must be 0 to 65535."
            : options.User is null != options.Password is null ? $"{nameof(User)} and {nameof(Password)} go together."
            : options.User is not null && options.Token is not null ? $"Give either {nameof(User)} and {nameof(Password)}, or {nameof(Token)}."
            : options.JetStreamDomain is not null && !options.JetStream ? $"{nameof(JetStreamDomain)} needs {nameof(JetStream)}."
            : options.StartTimeout <= TimeSpan.Zero ? $"{nameof(StartTimeout)} must be positive."
            : !Enum.IsDefined(options.ServerVersion) ? $"{nameof(ServerVersion)} is not one of the known lines."
            : null;
        if (complaint is not null)
        {
            throw new ArgumentException(complaint, nameof(options));
        }
    }
}

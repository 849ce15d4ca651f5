namespace NatsKv;

/// <summary>
/// Implemented by a configuration provider that keeps a client: the host's services find it through the configuration root and share its
/// connection. What such a provider delivers never configures a connection, so that whoever may write a bucket can't redirect the
/// credentials of the hosts that read it.
/// </summary>
public interface INatsKvClientSource
{
    /// <summary>The settings of the source's connection.</summary>
    NatsKvConnectionSettings ConnectionSettings { get; }

    /// <summary>A handle of its own on the source's client.</summary>
    /// <returns>The handle, which the caller disposes.</returns>
    INatsKvClient ShareClient();
}

namespace NatsKv;

/// <summary>Why there is no connection.</summary>
public enum NatsKvConnectionFailure
{
    /// <summary>Nobody answers at the address.</summary>
    Unreachable = 0,

    /// <summary>The server refused the credentials, or wants some and got none.</summary>
    Authentication = 1,

    /// <summary>The server demands TLS and the URL doesn't, or the handshake failed.</summary>
    Tls = 2,

    /// <summary>The connection broke while the call was under way.</summary>
    Lost = 3,

    /// <summary>What answered doesn't speak the NATS protocol, or broke its rules.</summary>
    Protocol = 4,
}

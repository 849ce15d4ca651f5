namespace NatsKv.Testing;

/// <summary>Which of the two streams of bytes through a <see cref="TcpProxy"/>.</summary>
[Flags]
public enum TcpProxyDirection
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>What the client sends.</summary>
    ClientToServer = 1,

    /// <summary>What the server sends.</summary>
    ServerToClient = 2,

    /// <summary>Both.</summary>
    Both = ClientToServer | ServerToClient,
}

namespace NatsKv.Wire;

/// <summary>What a server can send.</summary>
internal enum FrameKind
{
    /// <summary>A message, with or without headers.</summary>
    Message,

    /// <summary>A question whether the client lives.</summary>
    Ping,

    /// <summary>The answer to our own question.</summary>
    Pong,

    /// <summary>An acknowledgement that only verbose connections get.</summary>
    Ok,

    /// <summary>An error text.</summary>
    Error,

    /// <summary>The server's description of itself.</summary>
    Info,
}

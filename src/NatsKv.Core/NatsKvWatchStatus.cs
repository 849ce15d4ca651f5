namespace NatsKv;

/// <summary>How a watch stands, as of one moment.</summary>
public sealed record NatsKvWatchStatus
{
    /// <summary>How the watch stands.</summary>
    public NatsKvWatchState State { get; init; }

    /// <summary>
    /// The newest revision up to which everything has been handed over, whether or not it matched the filters: the handler has returned from
    /// it. 0 before the first.
    /// </summary>
    public ulong LastRevision { get; init; }

    /// <summary>
    /// The moment, by the client's clock, at which the bucket's leader was asked the question whose answer has been handed over entirely:
    /// the view holds at least what the bucket held then. <see langword="null"/> before the first such question was satisfied.
    /// </summary>
    public DateTimeOffset? LastProof { get; init; }

    /// <summary>How many entries have been delivered since the watch began, or since its last <see cref="NatsKvWatchEventKind.Reset"/>.</summary>
    public long Received { get; init; }

    /// <summary>How many entries there will have been, by what the server has told so far: <see cref="Received"/> and what it had pending.</summary>
    public long Expected { get; init; }

    /// <summary>Why the watch is <see cref="NatsKvWatchState.Recovering"/>, <see cref="NatsKvWatchState.Lost"/> or not yet started, if it is known.</summary>
    public Exception? Cause { get; init; }
}

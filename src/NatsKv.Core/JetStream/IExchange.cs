using NatsKv.Transport;

namespace NatsKv.JetStream;

/// <summary>
/// How operations wait. Every operation is written once, as an async method over this: one implementation awaits, the other blocks and
/// returns only completed tasks, so that the operation runs to its end on the calling thread and needs nobody else's. (Awaiting to the end
/// on the calling thread instead would not do: an await that finds its task completed in the very moment it registers goes on on the pool.)
/// </summary>
internal interface IExchange
{
    /// <summary>What is known of the server.</summary>
    NatsKvServerInfo? Server { get; }

    /// <summary>Sends a message and waits for one reply, as long as the call lets it.</summary>
    ValueTask<NatsMessage> RequestAsync(NatsOutgoingMessage message, CallDeadline deadline);

    /// <summary>Lets time pass, as much as is left of the call at most.</summary>
    ValueTask PauseAsync(TimeSpan time, CallDeadline deadline);
}

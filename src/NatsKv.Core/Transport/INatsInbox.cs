using System.Diagnostics.CodeAnalysis;

namespace NatsKv.Transport;

/// <summary>Messages that arrived on one subject and wait to be read, by one reader.</summary>
/// <remarks>
/// An inbox that holds more than its budget overflows: it takes in nothing more, hands out what it has, and then
/// <see cref="WaitToReadAsync"/> throws. It never blocks the connection, and it never drops a message in silence.
/// </remarks>
[Experimental("NATSKV001")]
public interface INatsInbox : IAsyncDisposable
{
    /// <summary>The subject that leads here.</summary>
    string Subject { get; }

    /// <summary>Waits until there is something to read.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns><see langword="false"/> once the inbox is closed and empty.</returns>
    /// <exception cref="NatsInboxOverflowException">More had to wait than the budget allows, and what was kept has been read.</exception>
    ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken);

    /// <summary>Takes the next message.</summary>
    /// <param name="message">Valid until the next call or the inbox is disposed; it needn't be disposed itself.</param>
    /// <returns>Whether there was one.</returns>
    bool TryRead(out NatsMessage message);
}

namespace NatsKv;

/// <summary>Turns a stored revision into a result while its bytes are still in the connection's buffer.</summary>
/// <remarks>
/// It may run on the connection's own thread: copy what is needed and return. It must not block, and must not call the client.
/// </remarks>
/// <typeparam name="TState">What the caller passes along instead of a closure.</typeparam>
/// <typeparam name="TResult">What the read returns.</typeparam>
/// <param name="entry">The revision; valid only during the call.</param>
/// <param name="state">The caller's state.</param>
/// <returns>The result of the read.</returns>
public delegate TResult NatsKvEntryReader<in TState, out TResult>(NatsKvEntryView entry, TState state);

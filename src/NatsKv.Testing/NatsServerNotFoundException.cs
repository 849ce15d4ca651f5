namespace NatsKv.Testing;

/// <summary>There is no nats-server of the wanted line on this machine, and none could be fetched.</summary>
public sealed class NatsServerNotFoundException : Exception
{
    internal NatsServerNotFoundException(string message)
        : base(message)
    {
    }
}

namespace NatsKv.Watching;

/// <summary>A consumer is no longer what its watch needs; another one takes over.</summary>
internal sealed class ConsumerLostException(string message) : NatsKvException(message)
{
    public override bool IsTransient => true;
}

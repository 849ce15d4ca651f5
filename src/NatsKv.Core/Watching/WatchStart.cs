namespace NatsKv.Watching;

/// <summary>What a start has brought.</summary>
/// <param name="Consumer">The new consumer, which its taker disposes.</param>
/// <param name="IsReset">Whether everything reported before is void.</param>
/// <param name="CompletesInitialData">Whether there is no initial data to wait for.</param>
/// <param name="Pending">How many messages the consumer had to deliver when it was made.</param>
/// <param name="Asked">When the leader was asked about the stream.</param>
/// <param name="Leader">What the leader said of the stream right before.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct WatchStart(
    WatchConsumer Consumer, bool IsReset, bool CompletesInitialData, ulong Pending, WatchMoment Asked, JetStream.StreamInfoResponse Leader);

using NatsKv.TestKit;

namespace NatsKv.Tests.Connection;

/// <summary>A client that waits so briefly that on a busy machine it may give up though nothing is wrong.</summary>
internal static class HastyClient
{
    /// <summary>Waits until it has a connection that answers, however often it has to try.</summary>
    public static Task ConnectAsync(this NatsKvClient client) => Eventually.TrueAsync(
        async () =>
        {
            await client.PingAsync(TestContext.Current.CancellationToken);
            return true;
        },
        "a connection that answers",
        ct: TestContext.Current.CancellationToken);
}

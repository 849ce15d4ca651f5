namespace NatsKv.Tests.Connection;

/// <summary>The blocking calls need neither the thread pool nor the caller's synchronization context.</summary>
public sealed class BlockingTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SingleThreadedSynchronizationContext_CallsReturn()
    {
        string name = server.NewName();
        using NatsKvClient client = server.NewClient();

        string? read = await BlockingCalls.OnOwnThread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new NeverRunningContext());
            return BlockingCalls.PutAndRead(client, name);
        });

        Assert.Equal("value", read);
    }

    [Fact]
    public async Task CallOnTheConnectionsThread_IsRefusedInsteadOfDeadlocking()
    {
        using NatsKvClient client = server.NewClient();
        INatsKvBlockingBucket bucket = client.Bind(server.NewName()).Blocking;

        await Assert.ThrowsAsync<InvalidOperationException>(() => BlockingCalls.OnOwnThread(() =>
        {
            NatsKv.Connection.ConnectionThread.Enter();
            return bucket.Read("key", 0, static (_, _) => 0);
        }));
    }

    [Fact]
    public void BucketAdministration_Works()
    {
        using NatsKvClient client = server.NewClient();
        string name = server.NewName();

        Assert.Null(client.Blocking.FindBucket(name, Ct));
        Assert.Throws<NatsKvBucketNotFoundException>(() => client.Blocking.GetBucket(name, Ct));
        client.Blocking.CreateBucket(new NatsKvBucketConfig { Bucket = name, History = 3 }, Ct);

        Assert.Equal(3, client.Blocking.FindBucket(name, Ct)!.Config.History);
        Assert.Equal(name, client.Blocking.GetBucket(name, Ct).Name);
    }

    // Whatever is posted here waits for ever, as on a UI thread that is blocked by the call itself.
    private sealed class NeverRunningContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }

        public override void Send(SendOrPostCallback d, object? state)
        {
        }
    }
}

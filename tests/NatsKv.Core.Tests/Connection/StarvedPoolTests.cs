namespace NatsKv.Tests.Connection;

/// <summary>Blocks the whole process's thread pool, so nothing else runs beside it.</summary>
[Collection(StarvedPoolCollection.Name)]
public sealed class StarvedPoolTests(Server server)
{
    [Fact]
    public async Task EveryPoolThreadBlocked_CallsReturn()
    {
        string name = server.NewName();
        using NatsKvClient client = server.NewClient();
        using var release = new ManualResetEventSlim();
        try
        {
            for (int i = 0; i < 300; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static state => state.Wait(), release, preferLocal: false);
            }

            // The first call also connects.
            Assert.Equal("value", await BlockingCalls.OnOwnThread(() => BlockingCalls.PutAndRead(client, name)));
        }
        finally
        {
            release.Set();
        }
    }
}

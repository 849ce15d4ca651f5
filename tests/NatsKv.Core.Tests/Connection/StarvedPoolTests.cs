namespace NatsKv.Tests.Connection;

/// <summary>Blocks the whole process's thread pool, so nothing else runs beside it.</summary>
[Collection(StarvedPoolCollection.Name)]
public sealed class StarvedPoolTests(Server server)
{
    [Fact]
    public void EveryPoolThreadBlocked_CallsReturn()
    {
        string name = server.NewName();
        using NatsKvClient client = server.NewClient();
        // Never disposed: what is still queued when the test ends waits on it later.
        var release = new ManualResetEventSlim();
        try
        {
            for (int i = 0; i < 300; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static state => state.Wait(), release, preferLocal: false);
            }

            // The first call also connects. Nothing here may await: the continuation would wait for the pool too.
            string? read = null;
            var thread = new Thread(() => read = BlockingCalls.PutAndRead(client, name));
            thread.Start();
            Assert.True(thread.Join(TimeSpan.FromSeconds(60)), "The calls didn't return.");
            Assert.Equal("value", read);
        }
        finally
        {
            release.Set();
        }
    }
}

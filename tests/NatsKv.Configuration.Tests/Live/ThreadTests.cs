namespace NatsKv.Configuration.Tests.Live;

/// <summary>Loading where nothing else can run. Alone, because the thread pool is everybody's.</summary>
[Collection(Alone)]
[CollectionDefinition(Alone, DisableParallelization = true)]
public sealed class ThreadTests(Server server) : LiveTest(server)
{
    private const string Alone = "Alone";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Load_UnderASingleThreadedContext_DoesNotWaitForIt()
    {
        await Bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        var result = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            // Whatever is posted here stays undone: the only thread that could do it is the one that loads.
            SynchronizationContext.SetSynchronizationContext(new SynchronizationContextThatNeverRuns());
            result.TrySetResult(Load()["a"]);
        }) { IsBackground = true };
        thread.Start();
        Assert.Equal("1", await result.Task.WaitAsync(Deadline, Cancellation));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Load_EveryPoolThreadBlocked_StillLoadsOrFails(bool exists)
    {
        await Bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        string bucket = exists ? BucketName : "missing";
        string? outcome = null;
        using (var starvation = new PoolStarvation())
        {
            var thread = new Thread(() =>
            {
                try
                {
                    outcome = Load(source => source.Bucket = bucket)["a"];
                }
                catch (NatsKvConfigurationException)
                {
                    outcome = "failed";
                }
            }) { IsBackground = true };
            thread.Start();
            Assert.True(thread.Join(Deadline), "The load hangs.");
            Assert.True(starvation.Lasts, "A pool thread was free.");
        }

        Assert.Equal(exists ? "1" : "failed", outcome);
    }

    private sealed class SynchronizationContextThatNeverRuns : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();
    }
}

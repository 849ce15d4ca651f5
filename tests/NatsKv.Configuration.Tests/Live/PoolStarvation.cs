namespace NatsKv.Configuration.Tests.Live;

/// <summary>Blocks every thread of the pool while it lives, the caller's included if it is one: it must not await meanwhile.</summary>
internal sealed class PoolStarvation : IDisposable
{
    private readonly ManualResetEventSlim _release = new();
    private readonly int _workers;
    private readonly int _ports;
    private int _probed;

    public PoolStarvation()
    {
        ThreadPool.GetMaxThreads(out _workers, out _ports);
        Assert.True(ThreadPool.SetMaxThreads(Environment.ProcessorCount, Environment.ProcessorCount));
        for (int i = 0; i < 200; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static release => release.Wait(), _release, preferLocal: false);
        }

        // Runs when a thread is free again, so not before the end.
        ThreadPool.UnsafeQueueUserWorkItem(static self => Volatile.Write(ref self._probed, 1), this, preferLocal: false);
    }

    /// <summary>Whether no thread has been free since.</summary>
    public bool Lasts => Volatile.Read(ref _probed) == 0;

    public void Dispose()
    {
        _release.Set();
        ThreadPool.SetMaxThreads(_workers, _ports);
        SpinWait.SpinUntil(() => !Lasts, TimeSpan.FromSeconds(20));
    }
}

using System.Threading.Channels;

namespace NatsKv.Configuration.Publishing;

/// <summary>
/// The task that raises reloads, so that neither the connection nor a caller of <c>Load</c> runs listeners. Idle it costs nothing: it waits
/// for <see cref="Wake"/>, then asks for what is due until nothing is pending.
/// </summary>
internal sealed class ReloadLoop : IDisposable, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Func<TimeSpan?> _publishDue;
    private readonly TimeProvider _time;
    private TaskCompletionSource _hurry = NewHurry();
    private Task _task = Task.CompletedTask;
    private bool _started;
    private volatile bool _stopping;
    private int _publisherThread;

    /// <summary>Makes the loop; the first <see cref="Wake"/> starts it.</summary>
    /// <param name="publishDue">
    /// Publishes what is due. Returns how long to wait before the next call, or <see langword="null"/> if nothing is pending. Must not throw.
    /// </param>
    /// <param name="time">Measures the waits.</param>
    public ReloadLoop(Func<TimeSpan?> publishDue, TimeProvider time)
    {
        _publishDue = publishDue;
        _time = time;
    }

    /// <summary>Something is pending, due no earlier than what the loop may be waiting for.</summary>
    public void Wake()
    {
        _wake.Writer.TryWrite(true);
        if (!_started && !Interlocked.Exchange(ref _started, true))
        {
            _task = Task.Run(RunAsync);
        }
    }

    /// <summary>Something may be due earlier than what the loop is waiting for.</summary>
    public void Hurry()
    {
        Interlocked.Exchange(ref _hurry, NewHurry()).TrySetResult();
        Wake();
    }

    /// <summary>Ends the loop and waits a second at most for a reload under way; not at all if that reload is what calls.</summary>
    public void Dispose()
    {
        RequestStop();
        if (Volatile.Read(ref _publisherThread) != Environment.CurrentManagedThreadId)
        {
            _task.Wait(Patience);
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        RequestStop();
        if (Volatile.Read(ref _publisherThread) != Environment.CurrentManagedThreadId)
        {
            await _task.WaitAsync(Patience, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void RequestStop()
    {
        _stopping = true;
        _wake.Writer.TryComplete();
        _hurry.TrySetResult();
    }

    private async Task RunAsync()
    {
        while (await _wake.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            _wake.Reader.TryRead(out _);
            while (true)
            {
                // Taken before the question what is due, so that a hurry after it is not missed.
                Task hurry = Volatile.Read(ref _hurry).Task;
                if (_stopping || PublishDue() is not { } wait)
                {
                    break;
                }

                if (wait > TimeSpan.Zero)
                {
                    await hurry.WaitAsync(wait, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    // Whoever hurries the loop may be the connection's thread, which must not run the loop itself.
    private static TaskCompletionSource NewHurry() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TimeSpan? PublishDue()
    {
        Volatile.Write(ref _publisherThread, Environment.CurrentManagedThreadId);
        try
        {
            return _publishDue();
        }
        finally
        {
            Volatile.Write(ref _publisherThread, 0);
        }
    }
}

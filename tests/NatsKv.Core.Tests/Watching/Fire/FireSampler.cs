using System.Diagnostics;
using System.Globalization;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>Looks at the watch's status every 50 ms, and judges each time it says that it follows.</summary>
internal sealed class FireSampler(INatsKvWatch watch, FireView view, FireLedger ledger) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly long _begin = Stopwatch.GetTimestamp();
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<string> _timeline = [];
    private readonly List<string> _broken = [];
    private (NatsKvWatchState State, int Resets, bool IsComplete) _last;
    private Task _loop = Task.CompletedTask;

    public bool IsJudging { get; set; }

    public int Samples { get; private set; }

    public int Following { get; private set; }

    /// <summary>When the state changed, and to what.</summary>
    public IReadOnlyList<string> Timeline => Copy(_timeline);

    public IReadOnlyList<string> Broken => Copy(_broken);

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begin);

    public void Start() => _loop = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        while (!_stopping.IsCancellationRequested)
        {
            Look();
            await ((Task)timer.WaitForNextTickAsync(_stopping.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Look()
    {
        // What was due before the status was read is judged; what becomes due while it is read isn't.
        long before = Stopwatch.GetTimestamp();
        NatsKvWatchStatus status = watch.Status;
        (NatsKvWatchState, int, bool) now = (status.State, view.Resets, view.IsComplete);
        if (now != _last)
        {
            _last = now;
            Add(_timeline, string.Create(
                CultureInfo.InvariantCulture,
                $"{Elapsed.TotalSeconds:F2} {status.State} @{status.LastRevision}, {view.Resets} resets, {(view.IsComplete ? "complete" : "incomplete")} {status.Cause?.Message}"));
        }

        if (!IsJudging)
        {
            return;
        }

        Samples++;
        if (status.State == NatsKvWatchState.Following)
        {
            Following++;
            if (ledger.Judge(before, status.LastRevision, view.Resets) is { } complaint)
            {
                Add(_broken, string.Create(CultureInfo.InvariantCulture, $"at {Elapsed.TotalSeconds:F2} it says Following, but {complaint}"));
            }
        }
    }

    private void Add(List<string> list, string line)
    {
        lock (_lock)
        {
            list.Add(line);
        }
    }

    private string[] Copy(List<string> list)
    {
        lock (_lock)
        {
            return [.. list];
        }
    }
}

using NatsKv.Configuration.Publishing;
using NatsKv.TestKit;

namespace NatsKv.Configuration.Tests.Publishing;

public sealed class ReloadLoopTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ReloadLoop _loop;
    private TimeSpan? _next;
    private int _asked;

    public ReloadLoopTests() => _loop = new ReloadLoop(
            () =>
            {
                Interlocked.Increment(ref _asked);
                return _next;
            },
            _time);

    public void Dispose() => _loop.Dispose();

    [Fact]
    public async Task Wake_NothingPending_AsksOnce()
    {
        _loop.Wake();
        await Eventual.EqualAsync(1, () => Volatile.Read(ref _asked));
        Assert.Equal(0, _time.ActiveTimers);
    }

    [Fact]
    public async Task Wake_DuringAWait_DoesNotShortenIt()
    {
        _next = TimeSpan.FromSeconds(1);
        _loop.Wake();
        await _time.WaitForTimersAsync(1);
        _loop.Wake();
        _next = null;
        Assert.Equal(1, Volatile.Read(ref _asked));
        _time.Advance(TimeSpan.FromSeconds(1));
        await Eventual.EqualAsync(3, () => Volatile.Read(ref _asked));
    }

    [Fact]
    public async Task Hurry_DuringAWait_EndsIt()
    {
        _next = TimeSpan.FromSeconds(1);
        _loop.Wake();
        await _time.WaitForTimersAsync(1);
        _next = null;
        _loop.Hurry();
        await Eventual.EqualAsync(0, () => _time.ActiveTimers);
    }

    [Fact]
    public async Task DisposeAsync_DuringAWait_EndsTheLoopAtOnce()
    {
        _next = TimeSpan.FromDays(1);
        _loop.Wake();
        await _time.WaitForTimersAsync(1);
        await _loop.DisposeAsync();
        await Eventual.EqualAsync(0, () => _time.ActiveTimers);
        int asked = _asked;
        _loop.Wake();
        Assert.Equal(asked, _asked);
    }
}

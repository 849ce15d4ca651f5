using NatsKv.TestKit;

namespace NatsKv.Testing.Tests.TestKit;

public sealed class EventuallyTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task TrueAsync_ConditionComesTrue_Returns()
    {
        int asked = 0;
        await Eventually.TrueAsync(() => ++asked == 3, "three questions", ct: Ct);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task TrueAsync_NeverTrue_FailsWithItsName()
    {
        TimeoutException error = await Assert.ThrowsAsync<TimeoutException>(() => Eventually.TrueAsync(() => false, "the moon is blue", Short, Ct));
        Assert.Contains("the moon is blue", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrueAsync_ConditionThatNeverReturns_FailsAllTheSame() =>
        await Assert.ThrowsAsync<TimeoutException>(() => Eventually.TrueAsync(() => new TaskCompletionSource<bool>().Task, "an answer", Short, Ct));

    [Fact]
    public async Task TrueAsync_ConditionThrows_TellsWhy()
    {
        static bool Throwing() => throw new InvalidOperationException("no such thing");
        TimeoutException error = await Assert.ThrowsAsync<TimeoutException>(() => Eventually.TrueAsync(Throwing, "a thing", Short, Ct));
        Assert.Contains("no such thing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EqualAsync_NeverEqual_TellsTheLastValue()
    {
        TimeoutException error = await Assert.ThrowsAsync<TimeoutException>(() => Eventually.EqualAsync(1, () => 7, "the count", Short, Ct));
        Assert.Contains("expected: 1, last: 7", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrueAsync_Cancelled_Throws() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Eventually.TrueAsync(() => false, "nothing", ct: new CancellationToken(canceled: true)));
}

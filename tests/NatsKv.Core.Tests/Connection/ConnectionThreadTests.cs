using NatsKv.Connection;

namespace NatsKv.Tests.Connection;

public sealed class ConnectionThreadTests
{
    [Fact]
    public async Task Leave_OnAConnectionsThread_GoesOnElsewhere()
    {
        (bool before, bool after) = await await BlockingCalls.OnOwnThread(async () =>
        {
            ConnectionThread.Enter();
            bool before = ConnectionThread.IsCurrent;
            await ConnectionThread.Leave();
            return (before, ConnectionThread.IsCurrent);
        });

        Assert.True(before);
        Assert.False(after);
    }

    [Fact]
    public void Leave_AnywhereElse_StaysOnTheThread() => Assert.True(ConnectionThread.Leave().IsCompleted);

    [Fact]
    public async Task LeaveAfter_CompletedElsewhere_IsTheOperationItself()
    {
        ValueTask<int> operation = new(5);

        ValueTask<int> left = ConnectionThread.LeaveAfter(operation);

        Assert.True(left.IsCompletedSuccessfully);
        Assert.Equal(5, await left);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LeaveAfter_CompletesOnAConnectionsThread_GoesOnElsewhereWithTheOutcome(bool fails)
    {
        var operation = new TaskCompletionSource<int>();
        Task<(string Outcome, bool IsConnection)> following = Follow(new ValueTask<int>(operation.Task));

        await BlockingCalls.OnOwnThread(() =>
        {
            ConnectionThread.Enter();
            return fails ? operation.TrySetException(new NatsKvException("failed")) : operation.TrySetResult(5);
        });

        Assert.Equal((fails ? "failed" : "5", false), await following);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LeaveAfter_AlreadyCompleteOnAConnectionsThread_HasTheOutcome(bool fails)
    {
        // Where it goes on is open: the caller may find the way off the thread already gone, and stay where it was.
        (string outcome, _) = await await BlockingCalls.OnOwnThread(() =>
        {
            ConnectionThread.Enter();
            return Follow(fails ? ValueTask.FromException<int>(new NatsKvException("failed")) : new ValueTask<int>(5));
        });

        Assert.Equal(fails ? "failed" : "5", outcome);
    }

    private static async Task<(string Outcome, bool IsConnection)> Follow(ValueTask<int> operation)
    {
        string outcome;
        try
        {
            outcome = $"{await ConnectionThread.LeaveAfter(operation).ConfigureAwait(false)}";
        }
        catch (NatsKvException exception)
        {
            outcome = exception.Message;
        }

        return (outcome, ConnectionThread.IsCurrent);
    }
}

using System.Buffers.Binary;
using NatsKv.Connection;
using NatsKv.TestKit;
using NatsKv.Transport;

namespace NatsKv.Tests.Connection;

public sealed class InboxTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deliver_WithinTheBudget_IsReadInOrderAndThenWaitedFor()
    {
        Inbox inbox = New();
        Deliver(inbox, 1);
        Deliver(inbox, 2);

        Assert.True(await inbox.WaitToReadAsync(Ct).AsTask().WaitAsync(Patience, Ct));
        Assert.Equal([1, 2], Drain(inbox));
        Assert.False(inbox.WaitToReadAsync(Ct).AsTask().IsCompleted);
    }

    [Fact]
    public async Task Deliver_BeyondTheBudget_FaultsAfterWhatWasKept()
    {
        Inbox inbox = New(budget: 10);
        Deliver(inbox, 1);
        Deliver(inbox, 2);
        Deliver(inbox, 3);
        Assert.Equal([1], DrainOne(inbox));
        Deliver(inbox, 4); // There is room again, but 3 is lost: nothing more may follow.

        Assert.True(await inbox.WaitToReadAsync(Ct).AsTask().WaitAsync(Patience, Ct));
        Assert.Equal([2], Drain(inbox));
        await Assert.ThrowsAsync<NatsInboxOverflowException>(() => inbox.WaitToReadAsync(Ct).AsTask().WaitAsync(Patience, Ct));
        await Assert.ThrowsAsync<NatsInboxOverflowException>(() => inbox.WaitToReadAsync(Ct).AsTask().WaitAsync(Patience, Ct));
        Assert.False(inbox.TryRead(out _));
    }

    [Fact]
    public async Task Deliver_LargerThanTheWholeBudget_WakesTheReaderWithTheFault()
    {
        Inbox inbox = New(budget: 3);
        Task<bool> waiting = inbox.WaitToReadAsync(Ct).AsTask();

        Deliver(inbox, 1);
        inbox.Wake();

        await Assert.ThrowsAsync<NatsInboxOverflowException>(() => waiting.WaitAsync(Patience, Ct));
    }

    [Fact]
    public async Task Wake_SeveralTimes_WakesTheReaderOnceAndOnlyForSomething()
    {
        Inbox inbox = New();
        int woken = 0;
        Task<bool> waiting = Wait();

        inbox.Wake();
        Assert.False(waiting.IsCompleted);
        Deliver(inbox, 1);
        Assert.False(waiting.IsCompleted);
        inbox.Wake();
        inbox.Wake();
        inbox.Close(null);

        await Eventually.EqualAsync(1, () => Volatile.Read(ref woken), "wake-ups", ct: Ct);
        Assert.True(await waiting.WaitAsync(Patience, Ct));

        async Task<bool> Wait()
        {
            bool any = await inbox.WaitToReadAsync(Ct);
            Interlocked.Increment(ref woken);
            return any;
        }
    }

    [Fact]
    public async Task Close_WithoutAnError_EndsAfterWhatWasKept()
    {
        Inbox inbox = New();
        Deliver(inbox, 1);

        inbox.Close(null);
        Deliver(inbox, 2);

        Assert.True(await inbox.WaitToReadAsync(Ct).AsTask().WaitAsync(Patience, Ct));
        Assert.Equal([1], Drain(inbox));
        Assert.False(await inbox.WaitToReadAsync(Ct).AsTask().WaitAsync(Patience, Ct));
    }

    [Fact]
    public async Task Close_WithAnError_ThrowsTheFirstOneAfterWhatWasKept()
    {
        Inbox inbox = New();
        Deliver(inbox, 1);

        inbox.Close(new NatsKvException("first"));
        inbox.Close(new NatsKvException("second"));

        Assert.True(await inbox.WaitToReadAsync(Ct).AsTask().WaitAsync(Patience, Ct));
        Assert.Equal([1], Drain(inbox));
        Assert.Equal("first", (await Assert.ThrowsAsync<NatsKvException>(() => inbox.WaitToReadAsync(Ct).AsTask().WaitAsync(Patience, Ct))).Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Close_ReaderWaits_IsWoken(bool withError)
    {
        Inbox inbox = New();
        Task<bool> waiting = inbox.WaitToReadAsync(Ct).AsTask();

        inbox.Close(withError ? new NatsKvException("closed") : null);

        if (withError)
        {
            await Assert.ThrowsAsync<NatsKvException>(() => waiting.WaitAsync(Patience, Ct));
        }
        else
        {
            Assert.False(await waiting.WaitAsync(Patience, Ct));
        }
    }

    [Fact]
    public async Task Cancel_Waiting_ThrowsWithTheTokenAndTheInboxLives()
    {
        Inbox inbox = New();
        using var cancellation = new CancellationTokenSource();
        Task<bool> waiting = inbox.WaitToReadAsync(cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience, Ct));
        Assert.Equal(cancellation.Token, thrown.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await inbox.WaitToReadAsync(cancellation.Token));
        waiting = inbox.WaitToReadAsync(Ct).AsTask();
        Deliver(inbox, 1);
        inbox.Wake();
        Assert.True(await waiting.WaitAsync(Patience, Ct));
        Assert.Equal([1], Drain(inbox));
    }

    [Fact]
    public async Task Dispose_ReaderWaits_EndsItAndTellsTheOwnerOnce()
    {
        int disposals = 0;
        var inbox = new Inbox("s", 1, 100, _ => disposals++);
        Task<bool> waiting = inbox.WaitToReadAsync(Ct).AsTask();

        await inbox.DisposeAsync();
        await inbox.DisposeAsync();
        Deliver(inbox, 1);

        Assert.False(await waiting.WaitAsync(Patience, Ct));
        Assert.False(inbox.TryRead(out _));
        Assert.Equal(1, disposals);
    }

    [Theory]
    [InlineData(81)]
    [InlineData(82)]
    public async Task ProducerAndCancelledConsumer_AtOnce_NothingIsLostOrRepeated(int seed)
    {
        const int Count = 40_000;
        Inbox inbox = New(budget: int.MaxValue);
        Task producing = Task.Factory.StartNew(
            () =>
            {
                var random = new Random(seed);
                for (int i = 1; i <= Count; i++)
                {
                    Deliver(inbox, i);
                    if (random.Next(4) == 0)
                    {
                        inbox.Wake();
                    }
                }

                inbox.Close(null);
            },
            Ct,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        int expected = 1;
        bool open = true;
        while (open)
        {
            using var cancellation = new CancellationTokenSource();
            if (expected % 3 == 0)
            {
                _ = Task.Run(cancellation.Cancel, Ct);
            }

            try
            {
                open = await inbox.WaitToReadAsync(cancellation.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Ct);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // Waits again.
            }

            foreach (int value in Drain(inbox))
            {
                Assert.Equal(expected++, value);
            }
        }

        await producing;
        Assert.Equal(Count + 1, expected);
    }

    private static Inbox New(int budget = 1000) => new("s", 1, budget, static _ => { });

    private static void Deliver(Inbox inbox, int value)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(payload, value);
        inbox.Deliver("s"u8, default, default, payload);
    }

    private static List<int> DrainOne(Inbox inbox) => Drain(inbox, most: 1);

    private static List<int> Drain(Inbox inbox, int most = int.MaxValue)
    {
        var values = new List<int>();
        while (values.Count < most && inbox.TryRead(out NatsMessage message))
        {
            values.Add(BinaryPrimitives.ReadInt32LittleEndian(message.Payload.Span));
        }

        return values;
    }
}

using NatsKv.Testing;

namespace NatsKv.Tests.Watching.Interruptions;

/// <summary>An older copy of the store takes the place of the present one; the stream keeps its name and creation time.</summary>
public sealed class SetBackTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(NatsServerVersion.Latest)]
    public async Task OlderStoreRestored_WatchIsReset(NatsServerVersion version)
    {
        await using Restored restored = await Restored.StartAsync(version);

        await restored.SetBackAsync(static _ => Task.CompletedTask);

        Assert.Equal(["reset", "a=1 Put", "b=1 Put", "complete"], await restored.Watch.ReadAsync(4));
    }

    [Theory]
    [InlineData(NatsServerVersion.Latest)]
    [InlineData(NatsServerVersion.V2_9)]
    public async Task OlderStoreRestoredAndOvertaken_WatchIsReset(NatsServerVersion version)
    {
        await using Restored restored = await Restored.StartAsync(version);

        await restored.SetBackAsync(static async bucket =>
        {
            for (int i = 0; i < 5; i++)
            {
                await bucket.PutAsync($"other.{i}", "2", cancellationToken: Ct);
            }
        });

        Assert.Equal(
            ["reset", "a=1 Put", "b=1 Put", "other.0=2 Put", "other.1=2 Put", "other.2=2 Put", "other.3=2 Put", "other.4=2 Put", "complete"],
            await restored.Watch.ReadAsync(9));
    }

    [Theory]
    [InlineData(NatsServerVersion.Latest)]
    [InlineData(NatsServerVersion.V2_10)]
    [InlineData(NatsServerVersion.V2_9)]
    public async Task OlderStoreRestoredAndOvertaken_NumberOfTheLastMessageIsFree_WatchIsReset(NatsServerVersion version)
    {
        await using Restored restored = await Restored.StartAsync(version);

        // The watch knows sequences up to 5: 3 and 4 are other messages now, 5 and 6 were overwritten by 7.
        await restored.SetBackAsync(static async bucket =>
        {
            await bucket.PutAsync("other.0", "2", cancellationToken: Ct);
            await bucket.PutAsync("other.1", "2", cancellationToken: Ct);
            await bucket.PutAsync("hot", "1", cancellationToken: Ct);
            await bucket.PutAsync("hot", "2", cancellationToken: Ct);
            await bucket.PutAsync("hot", "3", cancellationToken: Ct);
        });

        Assert.Equal(
            ["reset", "a=1 Put", "b=1 Put", "other.0=2 Put", "other.1=2 Put", "hot=3 Put", "complete"],
            await restored.Watch.ReadAsync(7));
    }

    [Theory]
    [InlineData(NatsServerVersion.Latest)]
    [InlineData(NatsServerVersion.V2_10)]
    public async Task Restarted_LastMessageOverwrittenBeforeTheWatchIsBack_NoReset(NatsServerVersion version)
    {
        await using Restored restored = await Restored.StartAsync(version);

        await restored.RestartAsync(static async bucket =>
        {
            await bucket.PutAsync("c", "2", cancellationToken: Ct);
            await bucket.PutAsync("c", "3", cancellationToken: Ct);
            await bucket.PutAsync("a", "2", cancellationToken: Ct);
        });

        Assert.Equal(["c=3 Put", "a=2 Put"], await restored.Watch.ReadAsync(2));
    }

    [Theory]
    [InlineData(NatsServerVersion.Latest)]
    [InlineData(NatsServerVersion.V2_9)]
    public async Task WhatWasErasedIsBack_NothingElseIsNew_WatchIsReset(NatsServerVersion version)
    {
        await using Restored restored = await Restored.StartAsync(version);
        await restored.CopyAgainAsync();
        await restored.WriteAsync(static async bucket => await bucket.EraseAsync(new NatsKvErasure { Filter = "b" }, Ct));
        Assert.Equal(["reset", "a=1 Put", "d=1 Put", "c=1 Put", "complete"], await restored.Watch.ReadAsync(5));

        await restored.SetBackAsync(static _ => Task.CompletedTask);

        Assert.Equal(["reset", "a=1 Put", "b=1 Put", "d=1 Put", "c=1 Put", "complete"], await restored.Watch.ReadAsync(6));
    }
}

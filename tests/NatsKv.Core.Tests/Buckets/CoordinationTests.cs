namespace NatsKv.Tests.Buckets;

/// <summary>What several clients build out of conditional writes.</summary>
public sealed class CoordinationTests(Server server)
{
    private const int Clients = 4;
    private const int WorkersPerClient = 2;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Creating is taking a lock and deleting is giving it back, also while others delete at the same moment.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(5, false)]
    public async Task CreateAndDelete_RacedByManyClients_IsALock(int history, bool purges)
    {
        const int Rounds = 8;
        (NatsKvClient first, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { History = history });
        await using NatsKvClient _ = first;
        NatsKvClient[] clients = [.. Enumerable.Range(0, Clients).Select(_ => server.NewClient())];
        int holders = 0;
        int taken = 0;

        await Task.WhenAll(Enumerable.Range(0, Clients * WorkersPerClient).Select(worker => WorkAsync(clients[worker % Clients].Bind(bucket.Name), $"{worker}")));
        foreach (NatsKvClient client in clients)
        {
            await client.DisposeAsync();
        }

        Assert.Equal(Clients * WorkersPerClient * Rounds, taken);
        Assert.Null(await bucket.GetAsync("lock", Ct));

        async Task WorkAsync(INatsKvBucket own, string name)
        {
            for (int round = 0; round < Rounds;)
            {
                ulong revision;
                try
                {
                    revision = await own.CreateAsync("lock", name, cancellationToken: Ct);
                }
                catch (NatsKvKeyExistsException)
                {
                    continue;
                }

                Assert.Equal(1, Interlocked.Increment(ref holders));
                Assert.Equal((name, revision), ((await own.GetAsync("lock", Ct))!.GetString(), (await own.GetAsync("lock", Ct))!.Revision));
                taken++;
                round++;
                Interlocked.Decrement(ref holders);
                var options = new NatsKvWriteOptions { ExpectedRevision = revision };
                await (purges ? own.PurgeAsync("lock", options, Ct) : own.DeleteAsync("lock", options, Ct));
            }
        }
    }

    [Fact]
    public async Task CompareAndSet_CountedByManyClients_LosesNothing()
    {
        const int Increments = 25;
        (NatsKvClient first, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = first;
        await bucket.PutAsync("counter", "0", cancellationToken: Ct);
        NatsKvClient[] clients = [.. Enumerable.Range(0, Clients).Select(_ => server.NewClient())];

        await Task.WhenAll(clients.Select(client => CountAsync(client.Bind(bucket.Name))));
        foreach (NatsKvClient client in clients)
        {
            await client.DisposeAsync();
        }

        NatsKvEntry final = (await bucket.GetAsync("counter", Ct))!;
        Assert.Equal(($"{Clients * Increments}", (ulong)(Clients * Increments) + 1), (final.GetString(), final.Revision));

        static async Task CountAsync(INatsKvBucket own)
        {
            for (int done = 0; done < Increments;)
            {
                NatsKvEntry entry = (await own.GetAsync("counter", Ct))!;
                try
                {
                    await own.UpdateAsync("counter", $"{int.Parse(entry.GetString(), System.Globalization.CultureInfo.InvariantCulture) + 1}", entry.Revision, cancellationToken: Ct);
                    done++;
                }
                catch (NatsKvRevisionMismatchException mismatch)
                {
                    Assert.True(mismatch.ActualRevision > entry.Revision);
                }
            }
        }
    }
}

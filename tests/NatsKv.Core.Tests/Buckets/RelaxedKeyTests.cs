using System.Buffers;
using System.Text;

namespace NatsKv.Tests.Buckets;

/// <summary>Every operation takes the keys that the handle's validation lets through, and refuses the others before anything is sent.</summary>
public sealed class RelaxedKeyTests(Server server)
{
    private static readonly NatsKvBucketOptions Relaxed = new() { KeyValidation = NatsKvKeyValidation.Relaxed };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("session:user123")]
    [InlineData("50%&!~$@{}[]|\\^`'\"#?;,+()<")]
    [InlineData("käse.größe")]
    [InlineData("日本語.鍵")]
    [InlineData("smile.\U0001F600.end")]
    public async Task EveryOperation_RelaxedKey_WorksAndKeepsTheKeyAsItIs(string key)
    {
        (NatsKvClient client, INatsKvBucket strict) = await server.NewBucketAsync(static config => config with { History = 5, LimitMarkerTtl = TimeSpan.FromMinutes(1) });
        await using NatsKvClient _ = client;
        INatsKvBucket bucket = client.Bind(strict.Name, Relaxed);
        await Assert.ThrowsAsync<ArgumentException>(async () => await strict.GetAsync(key, Ct));

        ulong created = await bucket.CreateAsync(key, "1", cancellationToken: Ct);
        Assert.Equal(("1", key, created), Seen(await bucket.GetAsync(key, Ct)));
        Assert.Equal(("1", key, created), Seen(await bucket.GetAsync(key, new NatsKvReadOptions { FromLeader = true }, Ct)));
        ulong updated = await bucket.UpdateAsync(key, "2", created, cancellationToken: Ct);
        Assert.Equal(("1", key, created), Seen(await bucket.GetRevisionAsync(key, created, Ct)));
        Assert.Equal("2", bucket.Blocking.Read<object?, string>(key, null, static (entry, _) => Encoding.UTF8.GetString(entry.Value), cancellationToken: Ct));
        await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await bucket.CreateAsync(key, "x", cancellationToken: Ct));
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.UpdateAsync(key, "x", created, cancellationToken: Ct));

        Assert.Equal([key], await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.Equal([created, updated], await bucket.GetHistoryAsync(key, Ct).Select(static entry => entry.Revision).ToListAsync(Ct));
        string first = key.Split('.')[0];
        await foreach (NatsKvWatchEvent change in bucket.WatchAsync(new NatsKvWatchOptions { Filters = [key, first + ".>", "x:y.*"] }, Ct))
        {
            Assert.Equal((key, "2"), (change.Entry!.Key, change.Entry.GetString()));
            break;
        }

        await bucket.PutAsync(key, "3", TimeSpan.FromMinutes(10), Ct);
        ulong put = bucket.Blocking.Put(key, new ReadOnlySequence<byte>("4"u8.ToArray()), cancellationToken: Ct);
        Assert.Equal(put, (await bucket.GetAsync(key, new NatsKvReadOptions { AtLeastRevision = put }, Ct))!.Revision);
        await bucket.DeleteAsync(key, cancellationToken: Ct);
        await bucket.CreateAsync(key, "5", cancellationToken: Ct);
        await bucket.PurgeAsync(key, cancellationToken: Ct);
        Assert.Null(await bucket.GetAsync(key, Ct));
        Assert.Equal(1, await bucket.EraseAsync(new NatsKvErasure { Filter = key }, Ct));
    }

    [Fact]
    public async Task EveryOperation_KeyThatRelaxedRefuses_IsRefusedBeforeAnythingIsSent()
    {
        await using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://127.0.0.1:1" });
        INatsKvBucket bucket = client.Bind("bucket", Relaxed);

        foreach (string key in (string[])["", "a b", "a*", "*", ">", "a..b", "a\r\n", "a\u2028b", new string('鍵', 1025)])
        {
            foreach (Func<Task> operation in (Func<Task>[])[
                async () => await bucket.GetAsync(key, Ct),
                async () => await bucket.GetRevisionAsync(key, 1, Ct),
                async () => await bucket.PutAsync(key, "x", cancellationToken: Ct),
                async () => await bucket.TryCreateAsync(key, default, cancellationToken: Ct),
                async () => await bucket.TryWriteAsync(NatsKvOperation.Put, key, default, cancellationToken: Ct),
                async () => await bucket.DeleteAsync(key, cancellationToken: Ct),
                async () => await bucket.PurgeAsync(key, cancellationToken: Ct),
                async () => await bucket.EraseAsync(new NatsKvErasure { Filter = key, Keep = 1 }, Ct),
                () => Task.FromResult(bucket.Blocking.Read(key, 0, static (_, _) => 0, cancellationToken: Ct)),
                () => Task.FromResult(bucket.Blocking.Put(key, default, cancellationToken: Ct)),
                () => Task.FromResult(bucket.Blocking.Purge(key, cancellationToken: Ct))])
            {
                await Assert.ThrowsAsync<ArgumentException>(operation);
            }
        }
    }

    [Fact]
    public async Task Off_WhatIsNoWildcardToken_IsAnOrdinaryKey()
    {
        (NatsKvClient client, INatsKvBucket strict) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        INatsKvBucket bucket = client.Bind(strict.Name, new NatsKvBucketOptions { KeyValidation = NatsKvKeyValidation.Off });

        await bucket.PutAsync("a*b", "1", cancellationToken: Ct);
        await bucket.PutAsync("axb", "2", cancellationToken: Ct);

        Assert.Equal("1", await bucket.GetStringAsync("a*b", Ct));
        Assert.Equal(["a*b"], await bucket.GetKeysAsync("a*b", Ct).ToListAsync(Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await bucket.PutAsync("*", "x", cancellationToken: Ct));
    }

    [Fact]
    public async Task Off_KeyThatIsNoSubject_FailsAsNobodyTakesIt()
    {
        (NatsKvClient client, INatsKvBucket strict) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        INatsKvBucket bucket = client.Bind(strict.Name, new NatsKvBucketOptions { KeyValidation = NatsKvKeyValidation.Off, Timeout = TimeSpan.FromSeconds(1) });

        await Assert.ThrowsAnyAsync<NatsKvException>(async () => await bucket.PutAsync("a..b", "x", cancellationToken: Ct));

        Assert.Empty(await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
    }

    [Fact]
    public void KeyValidation_None_IsRefused()
    {
        using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://127.0.0.1:1" });

        Assert.Contains("Strict, Relaxed, Off", Assert.Throws<ArgumentException>(() => client.Bind("bucket", new NatsKvBucketOptions { KeyValidation = (NatsKvKeyValidation)3 })).Message, StringComparison.Ordinal);
    }

    private static (string?, string?, ulong?) Seen(NatsKvEntry? entry) => (entry?.GetString(), entry?.Key, entry?.Revision);
}

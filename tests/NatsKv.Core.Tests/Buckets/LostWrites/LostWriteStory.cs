using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.Tests.Buckets.LostWrites;

/// <summary>What can happen to a conditional write whose request or answer is lost, on any kind of bucket.</summary>
/// <param name="link">The connection that loses them.</param>
/// <param name="other">The same bucket, over a sound connection.</param>
internal sealed class LostWriteStory(LossyLink link, INatsKvBucket other)
{
    private static readonly NatsKvReadOptions Latest = new() { FromLeader = true, IncludeDeleted = true };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private INatsKvBucket Bucket => link.Bucket;

    /// <summary>Everything whose outcome is known on every bucket.</summary>
    public static async Task PlayAsync(NatsServer server, INatsKvBucket bucket)
    {
        await using LossyLink link = await LossyLink.OpenAsync(server, bucket.Name);
        var story = new LostWriteStory(link, bucket);
        await story.AnswerLostAsync();
        await story.AnswerLostAndOverwrittenAsync();
        await story.RequestLostAsync();
        await story.RequestLostAndSomebodyElseWroteAsync();
        await story.CreatesAsync();
        await story.RemovalsAsync();
    }

    public async Task AnswerLostAsync()
    {
        ulong seen = await other.PutAsync("answer", "1", cancellationToken: Ct);

        NatsKvWriteResult result = await link.LoseAnswerAsync(() => Bucket.TryUpdateAsync("answer", "2", seen, cancellationToken: Ct).AsTask(), () => StoredAsync("answer", seen));
        Assert.Equal(new NatsKvWriteResult(IsStored: true, await RevisionAsync("answer")), result);

        ulong byPut = await link.LoseAnswerAsync(() => Bucket.UpdateAsync("answer", "3", result.Revision, cancellationToken: Ct).AsTask(), () => StoredAsync("answer", result.Revision));
        Assert.Equal(await RevisionAsync("answer"), byPut);

        ulong byThread = await link.LoseAnswerAsync(() => Task.Run(() => BlockingUpdate("answer", "4", byPut)), () => StoredAsync("answer", byPut));
        Assert.Equal(await RevisionAsync("answer"), byThread);
        Assert.Equal("4", (await other.GetAsync("answer", Latest, Ct))!.GetString());
    }

    public async Task AnswerLostAndOverwrittenAsync()
    {
        foreach (bool isConditional in (bool[])[true, false])
        {
            ulong seen = await other.PutAsync("overwritten", "1", cancellationToken: Ct);
            ulong mine = 0;
            ulong next = 0;

            NatsKvWriteResult result = await link.LoseAnswerAsync(
                () => Bucket.TryUpdateAsync("overwritten", "mine", seen, cancellationToken: Ct).AsTask(),
                async () =>
                {
                    await StoredAsync("overwritten", seen);
                    mine = await RevisionAsync("overwritten");
                    next = isConditional
                        ? await other.UpdateAsync("overwritten", "other", mine, cancellationToken: Ct)
                        : await other.PutAsync("overwritten", "other", cancellationToken: Ct);
                });

            Assert.Equal(new NatsKvWriteResult(IsStored: true, mine), result);
            Assert.Equal(next, await RevisionAsync("overwritten"));
        }
    }

    public async Task RequestLostAsync()
    {
        ulong seen = await other.PutAsync("request", "1", cancellationToken: Ct);

        NatsKvWriteResult result = await link.LoseRequestAsync(() => Bucket.TryUpdateAsync("request", "2", seen, cancellationToken: Ct).AsTask());
        ulong byThread = await link.LoseRequestAsync(() => Task.Run(() => BlockingUpdate("request", "3", result.Revision)));

        Assert.True(result.IsStored && seen < result.Revision && result.Revision < byThread);
        NatsKvEntry latest = (await other.GetAsync("request", Latest, Ct))!;
        Assert.Equal((byThread, "3"), (latest.Revision, latest.GetString()));
    }

    public async Task RequestLostAndSomebodyElseWroteAsync()
    {
        ulong seen = await other.PutAsync("beaten", "1", cancellationToken: Ct);
        ulong theirs = 0;
        async Task OtherWritesAsync() => theirs = await other.UpdateAsync("beaten", "other", seen, cancellationToken: Ct);

        NatsKvWriteResult result = await link.LoseRequestAsync(() => Bucket.TryUpdateAsync("beaten", "mine", seen, cancellationToken: Ct).AsTask(), OtherWritesAsync);
        Assert.Equal(new NatsKvWriteResult(IsStored: false, theirs), result);

        seen = theirs;
        NatsKvRevisionMismatchException thrown = await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(
            () => link.LoseRequestAsync(() => Bucket.UpdateAsync("beaten", "mine", seen, cancellationToken: Ct).AsTask(), OtherWritesAsync));
        Assert.Equal((seen, (ulong?)theirs), (thrown.ExpectedRevision, thrown.ActualRevision));

        seen = theirs;
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(() => link.LoseRequestAsync(() => Task.Run(() => BlockingUpdate("beaten", "mine", seen)), OtherWritesAsync));
        Assert.Equal("other", (await other.GetAsync("beaten", Latest, Ct))!.GetString());
    }

    public async Task CreatesAsync()
    {
        ulong created = await link.LoseAnswerAsync(() => Bucket.CreateAsync("new", "mine", cancellationToken: Ct).AsTask(), () => StoredAsync("new", 0));
        Assert.Equal(await RevisionAsync("new"), created);

        ulong theirs = 0;
        NatsKvWriteResult late = await link.LoseRequestAsync(
            () => Bucket.TryCreateAsync("raced", "mine", cancellationToken: Ct).AsTask(),
            async () => theirs = await other.CreateAsync("raced", "other", cancellationToken: Ct));
        Assert.Equal(new NatsKvWriteResult(IsStored: false, theirs), late);
        Assert.Equal("other", (await other.GetAsync("raced", Latest, Ct))!.GetString());
    }

    public async Task RemovalsAsync()
    {
        ulong seen = await other.PutAsync("removed", "1", cancellationToken: Ct);
        NatsKvWriteResult deleted = await link.LoseAnswerAsync(() => Bucket.TryDeleteAsync("removed", seen, Ct).AsTask(), () => StoredAsync("removed", seen));
        Assert.Equal(new NatsKvWriteResult(IsStored: true, await RevisionAsync("removed")), deleted);

        ulong purged = await link.LoseRequestAsync(() => Bucket.PurgeAsync("removed", deleted.Revision, cancellationToken: Ct).AsTask());
        Assert.Equal(await RevisionAsync("removed"), purged);
        Assert.Equal(NatsKvOperation.Purge, (await other.GetAsync("removed", Latest, Ct))!.Operation);
    }

    /// <summary>The first of the messages that it takes to make a key anew is lost.</summary>
    public async Task CreateOverAMarkerAsync()
    {
        await other.CreateAsync("marked", "1", cancellationToken: Ct);
        await other.DeleteAsync("marked", cancellationToken: Ct);

        ulong anew = await link.LoseRequestAsync(() => Bucket.CreateAsync("marked", "again", cancellationToken: Ct).AsTask());

        Assert.Equal(await RevisionAsync("marked"), anew);
        Assert.Equal("again", (await other.GetAsync("marked", Latest, Ct))!.GetString());
    }

    /// <summary>Two unconditional writes hide what was written on the expected revision.</summary>
    public async Task<NatsKvWriteResult> RequestLostAndOverwrittenBlindlyAsync()
    {
        ulong seen = await other.PutAsync("hidden", "1", cancellationToken: Ct);
        return await link.LoseRequestAsync(
            () => Bucket.TryUpdateAsync("hidden", "mine", seen, cancellationToken: Ct).AsTask(),
            async () =>
            {
                await other.PutAsync("hidden", "2", cancellationToken: Ct);
                await other.PutAsync("hidden", "3", cancellationToken: Ct);
            });
    }

    private ulong BlockingUpdate(string key, string value, ulong revision) =>
        Bucket.Blocking.Put(key, new(System.Text.Encoding.UTF8.GetBytes(value)), new NatsKvWriteOptions { ExpectedRevision = revision }, Ct);

    private Task StoredAsync(string key, ulong above) =>
        Eventually.TrueAsync(async () => await RevisionAsync(key) > above, $"key '{key}' is written", ct: Ct);

    private async Task<ulong> RevisionAsync(string key) => (await other.GetAsync(key, Latest, Ct))?.Revision ?? 0;
}

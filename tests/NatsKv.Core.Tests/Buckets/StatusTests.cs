using System.Text;
using System.Text.Json;
using NatsKv.Testing;
using NatsKv.Tests.Watching.Rows;

namespace NatsKv.Tests.Buckets;

/// <summary>What a status says is what the server says, on every line of servers.</summary>
public sealed class StatusTests(ServerVersions servers) : RowTests(servers)
{
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Status_IsWhatTheServerSays(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, static config => config with
        {
            History = 4, MaxAge = TimeSpan.FromHours(1), MaxBytes = 1_000_000, MaxValueSize = 5000, Description = "text",
        });
        await bucket.PutAsync("a", "12345", cancellationToken: Ct);
        await bucket.PutAsync("a", "123", cancellationToken: Ct);
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        await bucket.PurgeAsync("a", cancellationToken: Ct);

        NatsKvBucketStatus status = await bucket.GetStatusAsync(Ct);

        using JsonDocument info = JsonDocument.Parse(await AskAsync($"STREAM.INFO.KV_{bucket.Name}", "", version));
        JsonElement state = info.RootElement.GetProperty("state");
        Assert.Equal(
            (state.GetProperty("messages").GetInt64(), state.GetProperty("bytes").GetInt64(), state.GetProperty("num_subjects").GetInt64()),
            (status.Values, status.Bytes, status.Keys));
        Assert.Equal(
            (state.GetProperty("first_seq").GetUInt64(), state.GetProperty("last_seq").GetUInt64()),
            (status.FirstRevision, status.LastRevision));
        Assert.Equal((2, 2, 3UL, 4UL), (status.Values, status.Keys, status.FirstRevision, status.LastRevision));
        AssertSame(info.RootElement.GetProperty("created"), status.Created);
        AssertSame(state.GetProperty("last_ts"), status.LastWritten!.Value);
        Assert.Equal((4, TimeSpan.FromHours(1), 1_000_000L, 5000, "text"), (status.Config.History, status.Config.MaxAge, status.Config.MaxBytes, status.Config.MaxValueSize, status.Config.Description));
        Assert.Equal((bucket.Name, true), (status.Bucket, status.AllowsDirectGet));

        // Nanoseconds are cut off by us, and rounded by Parse.
        static void AssertSame(JsonElement expected, DateTimeOffset actual) => Assert.InRange(
            (DateTimeOffset.Parse(expected.GetString()!, System.Globalization.CultureInfo.InvariantCulture) - actual).Ticks, 0, 1);
    }

    [Theory]
    [InlineData(NatsServerVersion.Latest)]
    [InlineData(NatsServerVersion.V2_10)]
    public async Task MetadataCompressionAndStorage_AreKeptAndTheServersOwnEntriesHidden(NatsServerVersion version)
    {
        NatsKvBucketConfig wanted = new()
        {
            Bucket = Servers.NewName(), Storage = NatsKvStorage.File, Compression = true, Metadata = new NatsKvMetadata([new("team", "payments"), new("ä", "ö")]),
        };
        NatsKvClient client = await NewClientAsync(version);

        INatsKvBucket bucket = await client.CreateBucketAsync(wanted, Ct);

        Assert.Equal(wanted, (await bucket.GetStatusAsync(Ct)).Config);
        using JsonDocument info = JsonDocument.Parse(await AskAsync($"STREAM.INFO.KV_{bucket.Name}", "", version));
        JsonElement config = info.RootElement.GetProperty("config");
        Assert.Equal(("s2", "payments", "file"), (config.GetProperty("compression").GetString(), config.GetProperty("metadata").GetProperty("team").GetString(), config.GetProperty("storage").GetString()));
        string value = new('v', 100_000);
        await bucket.PutAsync("large", value, cancellationToken: Ct);
        Assert.Equal(value, await bucket.GetStringAsync("large", Ct));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task EveryOperation_OnEveryLineOfServers_DoesTheSame(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, static config => config with { History = 5 });
        ulong first = await bucket.CreateAsync("key", "1", cancellationToken: Ct);
        await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await bucket.CreateAsync("key", "x", cancellationToken: Ct));
        ulong second = await bucket.UpdateAsync("key", "2", first, cancellationToken: Ct);
        var lost = await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.UpdateAsync("key", "3", first, cancellationToken: Ct));
        Assert.Equal((first, second), (lost.ExpectedRevision, lost.ActualRevision));
        Assert.Equal("2", await bucket.GetStringAsync("key", Ct));
        Assert.Equal("1", (await bucket.GetRevisionAsync("key", first, Ct))!.GetString());
        Assert.Equal("2", Encoding.UTF8.GetString((await bucket.GetAsync("key", new NatsKvReadOptions { FromLeader = true }, Ct))!.Value.Span));
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.DeleteAsync("key", new NatsKvWriteOptions { ExpectedRevision = first }, Ct));
        ulong marker = await bucket.DeleteAsync("key", new NatsKvWriteOptions { ExpectedRevision = second }, Ct);
        Assert.Null(await bucket.GetAsync("key", Ct));
        Assert.Equal(3, await bucket.GetHistoryAsync("key", Ct).CountAsync(Ct));
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.PurgeAsync("key", new NatsKvWriteOptions { ExpectedRevision = second }, Ct));
        await bucket.PurgeAsync("key", new NatsKvWriteOptions { ExpectedRevision = marker }, Ct);
        Assert.Equal(1, await bucket.GetHistoryAsync("key", Ct).CountAsync(Ct));
        Assert.Equal(5UL, await bucket.CreateAsync("key", "again", cancellationToken: Ct));
        await bucket.PutAsync("a.b", "x", cancellationToken: Ct);
        await bucket.PutAsync("a.c", "x", cancellationToken: Ct);
        Assert.Equal(2, await bucket.DeleteAllAsync("a.*", Ct));
        Assert.Equal(2, await bucket.PurgeDeletesAsync(TimeSpan.Zero, cancellationToken: Ct));
        Assert.Equal(["key"], await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.True(await bucket.RemoveAsync("key", Ct));
        Assert.Equal(1, await bucket.PurgeAllAsync(Ct));
        Assert.Equal(0, (await bucket.GetStatusAsync(Ct)).Values);
    }

    [Fact]
    public async Task ValueOfTheLargestSize_ItsHeadersCountToo()
    {
        INatsKvBucket bucket = await NewBucketAsync(change: static config => config with { MaxValueSize = 64 });
        byte[] largest = new byte[64];
        ulong revision = await bucket.PutAsync("key", largest, cancellationToken: Ct);

        var refused = await Assert.ThrowsAsync<NatsKvValueTooLargeException>(async () => await bucket.UpdateAsync("key", largest, revision, cancellationToken: Ct));

        Assert.Equal((bucket.Name, "key"), (refused.Bucket, refused.Key));
        Assert.False(refused.IsTransient);
        await Assert.ThrowsAsync<NatsKvValueTooLargeException>(async () => await bucket.PutAsync("key", new byte[65], cancellationToken: Ct));
        Assert.Equal(revision, (await bucket.GetAsync("key", Ct))!.Revision);
    }
}

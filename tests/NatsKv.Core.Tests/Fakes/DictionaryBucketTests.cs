using System.Buffers;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Serialization;

namespace NatsKv.Tests.Fakes;

/// <summary>Every extension method works on a bucket that a user wrote: they ask nothing of it that the interface doesn't have.</summary>
public sealed partial class DictionaryBucketTests
{
    private readonly DictionaryBucket _bucket = new("fake");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void EveryExtension_IsTriedHere()
    {
        string[] tried =
        [
            "CountKeysAsync", "CreateAsync", "CreateJsonAsync", "DeleteAllAsync", "DeleteAsync", "GetAsync", "GetHistoryAsync", "GetJsonAsync", "GetKeysAsync",
            "GetStringAsync", "GetValueAsync", "PurgeAllAsync", "PurgeAsync", "PurgeDeletesAsync", "PutAsync", "PutJsonAsync", "RemoveAsync", "StartView",
            "TrimHistoryAsync", "TryCreateAsync", "TryCreateJsonAsync", "TryDeleteAsync", "TryPurgeAsync", "TryReadAsync", "TryUpdateAsync", "TryUpdateJsonAsync",
            "UpdateAsync", "UpdateJsonAsync",
        ];

        Assert.Equal(tried, typeof(INatsKvBucket).Assembly.GetExportedTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(static method => method.IsDefined(typeof(ExtensionAttribute), false) && method.GetParameters()[0].ParameterType == typeof(INatsKvBucket))
            .Select(static method => method.Name)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Values()
    {
        var buffer = new ArrayBufferWriter<byte>();

        Assert.Equal(1ul, await _bucket.PutAsync("key", "value", cancellationToken: Ct));
        Assert.Equal(2ul, await _bucket.PutAsync("bytes", new byte[] { 1, 2 }, cancellationToken: Ct));

        Assert.Equal(("value", 1ul), ((await _bucket.GetAsync("key", Ct))!.GetString(), (await _bucket.GetAsync("key", default, Ct))!.Revision));
        Assert.Equal("value", await _bucket.GetStringAsync("key", Ct));
        Assert.Equal([1, 2], (await _bucket.GetValueAsync("bytes", Ct))!);
        Assert.True(await _bucket.TryReadAsync("key", buffer, Ct));
        Assert.Equal("value", Encoding.UTF8.GetString(buffer.WrittenSpan));
        Assert.Null(await _bucket.GetAsync("missing", Ct));
        Assert.False(await _bucket.TryReadAsync("missing", buffer, Ct));
        Assert.Equal("value", (await _bucket.GetRevisionAsync("key", 1, Ct))!.GetString());
        Assert.Equal("value", _bucket.Blocking.Read("key", 0, static (entry, _) => entry.ToEntry().GetString(), default, Ct));
    }

    [Fact]
    public async Task Json()
    {
        ulong created = await _bucket.CreateJsonAsync("order", new Ticket("a"), TicketContext.Default.Ticket, cancellationToken: Ct);
        Assert.False((await _bucket.TryCreateJsonAsync("order", new Ticket("b"), TicketContext.Default.Ticket, cancellationToken: Ct)).IsStored);
        ulong updated = await _bucket.UpdateJsonAsync("order", new Ticket("c"), TicketContext.Default.Ticket, created, cancellationToken: Ct);
        Assert.False((await _bucket.TryUpdateJsonAsync("order", new Ticket("d"), TicketContext.Default.Ticket, created, cancellationToken: Ct)).IsStored);

        Assert.Equal(new NatsKvValue<Ticket>(new Ticket("c"), updated), await _bucket.GetJsonAsync("order", TicketContext.Default.Ticket, cancellationToken: Ct));
        Assert.Equal(3ul, await _bucket.PutJsonAsync("order", new Ticket("e"), TicketContext.Default.Ticket, cancellationToken: Ct));
    }

    [Fact]
    public async Task Conditions()
    {
        ulong first = await _bucket.CreateAsync("key", "1", cancellationToken: Ct);
        Assert.Equal(first, (await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await _bucket.CreateAsync("key", "2", cancellationToken: Ct))).Revision);
        Assert.Equal(new NatsKvWriteResult(false, first), await _bucket.TryCreateAsync("key", "2", cancellationToken: Ct));
        ulong second = await _bucket.UpdateAsync("key", "2", first, cancellationToken: Ct);
        Assert.Equal(new NatsKvWriteResult(false, second), await _bucket.TryUpdateAsync("key", "3", first, cancellationToken: Ct));

        NatsKvRevisionMismatchException lost = await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await _bucket.UpdateAsync("key", "3", first, cancellationToken: Ct));
        Assert.Equal((first, (ulong?)second), (lost.ExpectedRevision, lost.ActualRevision));
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await _bucket.DeleteAsync("key", first, Ct));
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await _bucket.PurgeAsync("key", first, cancellationToken: Ct));
        Assert.False((await _bucket.TryDeleteAsync("key", first, Ct)).IsStored);
        Assert.False((await _bucket.TryPurgeAsync("key", first, cancellationToken: Ct)).IsStored);

        NatsKvWriteResult deleted = await _bucket.TryDeleteAsync("key", second, Ct);
        Assert.Equal(new NatsKvWriteResult(true, 3), deleted);
        Assert.Equal(new NatsKvWriteResult(true, 4), await _bucket.TryPurgeAsync("key", deleted.Revision, cancellationToken: Ct));
        Assert.Equal(5ul, await _bucket.CreateAsync("key", "again", cancellationToken: Ct));
    }

    [Fact]
    public async Task KeysAndHistory()
    {
        await _bucket.PutAsync("a.1", "1", cancellationToken: Ct);
        await _bucket.PutAsync("a.1", "2", cancellationToken: Ct);
        await _bucket.PutAsync("b.1", "3", cancellationToken: Ct);
        await _bucket.PutAsync("a.2", "4", cancellationToken: Ct);
        await _bucket.DeleteAsync("a.2", cancellationToken: Ct);

        Assert.Equal(["a.1", "b.1"], await _bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.Equal(["a.1"], await _bucket.GetKeysAsync("a.*", Ct).ToListAsync(Ct));
        Assert.Equal((2, 1), (await _bucket.CountKeysAsync(cancellationToken: Ct), await _bucket.CountKeysAsync("b.>", Ct)));
        Assert.Equal(["1", "2"], await _bucket.GetHistoryAsync("a.1", Ct).Select(static entry => entry.GetString()).ToListAsync(Ct));
    }

    [Fact]
    public async Task Removals()
    {
        foreach (string key in new[] { "a.1", "a.2", "b.1", "b.1", "b.1" })
        {
            await _bucket.PutAsync(key, "1", cancellationToken: Ct);
        }

        Assert.Equal(2, await _bucket.TrimHistoryAsync("b.1", 1, Ct));
        Assert.Equal(2, await _bucket.DeleteAllAsync("a.*", Ct));
        Assert.True(await _bucket.RemoveAsync("b.1", Ct));
        Assert.Empty(await _bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.Equal(3, await _bucket.PurgeDeletesAsync(TimeSpan.Zero, cancellationToken: Ct));
        Assert.Equal(0, (await _bucket.GetStatusAsync(Ct)).Values);

        await _bucket.PutAsync("c", "1", cancellationToken: Ct);
        await _bucket.PurgeAsync("c", TimeSpan.FromSeconds(1), Ct);
        Assert.Equal(1, await _bucket.PurgeAllAsync(Ct));
    }

    [Fact]
    public async Task Views()
    {
        var changes = new List<string>();
        await _bucket.PutAsync("a", "1", cancellationToken: Ct);

        await using NatsKvView view = _bucket.StartView(new NatsKvWatchOptions { Filters = ["a", "b"] }, change => changes.Add(change.Key));
        await view.WaitForStateAsync(NatsKvWatchState.Following, Ct);
        ulong revision = await _bucket.PutAsync("b", "2", cancellationToken: Ct);
        await view.WaitForRevisionAsync(revision, Ct);
        await _bucket.PutAsync("c", "3", cancellationToken: Ct);
        await _bucket.DeleteAsync("a", cancellationToken: Ct);

        Assert.Equal(["b"], view.Keys);
        Assert.Equal(["a", "b", "a"], changes);
    }

    internal sealed record Ticket(string Id);

    [JsonSerializable(typeof(Ticket))]
    internal sealed partial class TicketContext : JsonSerializerContext;
}

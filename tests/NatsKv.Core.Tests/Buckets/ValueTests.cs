using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NatsKv.Tests.Buckets;

public sealed partial class ValueTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ValueOnly_KeyThereOrNot()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("key", "Ümläut", cancellationToken: Ct);
        await bucket.PutAsync("empty", "", cancellationToken: Ct);
        var buffer = new ArrayBufferWriter<byte>();

        Assert.Equal("Ümläut", await bucket.GetStringAsync("key", Ct));
        byte[]? value = await bucket.GetValueAsync("key", Ct);
        Assert.Equal("Ümläut", Encoding.UTF8.GetString(value!));
        Assert.True(await bucket.TryReadAsync("key", buffer, Ct));
        Assert.Equal("Ümläut", Encoding.UTF8.GetString(buffer.WrittenSpan));

        Assert.Equal("", await bucket.GetStringAsync("empty", Ct));
        Assert.Empty((await bucket.GetValueAsync("empty", Ct))!);
        Assert.True(await bucket.TryReadAsync("empty", buffer, Ct));

        Assert.Null(await bucket.GetStringAsync("missing", Ct));
        Assert.Null(await bucket.GetValueAsync("missing", Ct));
        Assert.False(await bucket.TryReadAsync("missing", buffer, Ct));
        Assert.Equal("Ümläut"u8.Length, buffer.WrittenCount);
    }

    [Fact]
    public async Task Json_PutCreateUpdateGet()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        var order = new Order("ä-1", 3);

        Assert.Null(await bucket.GetJsonAsync("order", OrderContext.Default.Order, cancellationToken: Ct));
        ulong created = await bucket.CreateJsonAsync("order", order, OrderContext.Default.Order, cancellationToken: Ct);
        await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await bucket.CreateJsonAsync("order", order, OrderContext.Default.Order, cancellationToken: Ct));
        Assert.Equal(new NatsKvValue<Order>(order, created), await bucket.GetJsonAsync("order", OrderContext.Default.Order, cancellationToken: Ct));

        ulong updated = await bucket.UpdateJsonAsync("order", order with { Count = 4 }, OrderContext.Default.Order, created, cancellationToken: Ct);
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(
            async () => await bucket.UpdateJsonAsync("order", order, OrderContext.Default.Order, created, cancellationToken: Ct));
        Assert.Equal(new NatsKvValue<Order>(order with { Count = 4 }, updated), await bucket.GetJsonAsync("order", OrderContext.Default.Order, cancellationToken: Ct));

        NatsKvWriteResult lost = await bucket.TryUpdateJsonAsync("order", order, OrderContext.Default.Order, created, cancellationToken: Ct);
        Assert.Equal(new NatsKvWriteResult(IsStored: false, updated), lost);
        Assert.Equal(lost, await bucket.TryCreateJsonAsync("order", order, OrderContext.Default.Order, cancellationToken: Ct));
        Assert.Equal(
            new NatsKvWriteResult(IsStored: true, updated + 1),
            await bucket.TryUpdateJsonAsync("order", order with { Count = 5 }, OrderContext.Default.Order, updated, cancellationToken: Ct));
        Assert.Equal(
            new NatsKvWriteResult(IsStored: true, updated + 2),
            await bucket.TryCreateJsonAsync("other", order, OrderContext.Default.Order, cancellationToken: Ct));

        await bucket.PutJsonAsync("order", null!, OrderContext.Default.Order, cancellationToken: Ct);
        Assert.Null((await bucket.GetJsonAsync("order", OrderContext.Default.Order, cancellationToken: Ct))!.Value);
        await bucket.DeleteAsync("order", cancellationToken: Ct);
        Assert.Null(await bucket.GetJsonAsync("order", OrderContext.Default.Order, new NatsKvReadOptions { IncludeDeleted = true }, Ct));
    }

    [Fact]
    public async Task Json_SomethingElseStored_NamesTheKey()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("order", "no json", cancellationToken: Ct);

        var exception = await Assert.ThrowsAsync<JsonException>(async () => await bucket.GetJsonAsync("order", OrderContext.Default.Order, cancellationToken: Ct));

        Assert.Contains("'order'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(bucket.Name, exception.Message, StringComparison.Ordinal);
    }

    internal sealed record Order(string Id, int Count);

    [JsonSerializable(typeof(Order))]
    internal sealed partial class OrderContext : JsonSerializerContext;
}

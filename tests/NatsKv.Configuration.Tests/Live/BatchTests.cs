using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;
using NatsKv.TestKit;

namespace NatsKv.Configuration.Tests.Live;

public sealed class BatchTests(Server server)
{
    [Fact]
    public async Task Batch_Atomic_ComesAsOneReload()
    {
        string bucket = server.NewName("batch");
        await using RawConnection raw = await RawConnection.OpenAsync(server.Server.Port);
        await raw.PublishAsync(
            $"$JS.API.STREAM.CREATE.KV_{bucket}",
            $$"""{"name":"KV_{{bucket}}","subjects":["$KV.{{bucket}}.>"],"max_msgs_per_subject":1,"storage":"memory","allow_direct":true,"allow_atomic":true,"discard":"new"}""");
        await raw.FlushAsync();
        using var root = (ConfigurationRoot)new ConfigurationBuilder()
            .AddNatsKv(source =>
            {
                source.Bucket = bucket;
                source.ConfigureConnection = options => options.Url = server.Url;
                source.ReloadDelay = TimeSpan.Zero;

                // A batch whose end is late is applied as it is after a while, which by this clock never passes.
                source.TimeProvider = new ManualTimeProvider();
            })
            .Build();
        var seen = new List<int>();
        using IDisposable registration = ChangeToken.OnChange(root.GetReloadToken, () => seen.Add(root.GetChildren().Count()));
        const int Size = 500;
        for (int i = 1; i <= Size; i++)
        {
            string commit = i == Size ? "\r\nNats-Batch-Commit: 1" : "";
            await raw.PublishAsync($"$KV.{bucket}.k{i}", $"Nats-Batch-Id: b1\r\nNats-Batch-Sequence: {i}{commit}", "x");
        }

        await raw.FlushAsync();
        await Eventual.EqualAsync(Size, () => root.GetChildren().Count());
        await Eventual.EqualAsync(1, () => seen.Count);
        Assert.Equal(Size, Assert.Single(seen));
    }
}

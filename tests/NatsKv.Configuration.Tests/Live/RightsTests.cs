using Microsoft.Extensions.Configuration;
using NatsKv.Testing;

namespace NatsKv.Configuration.Tests.Live;

public sealed class RightsTests
{
    private static readonly string[] Documented =
    [
        "$JS.API.STREAM.INFO.KV_config",
        "$JS.API.STREAM.MSG.GET.KV_config",
        "$JS.API.CONSUMER.CREATE.KV_config.>",
        "$JS.API.CONSUMER.INFO.KV_config.>",
        "$JS.API.CONSUMER.DELETE.KV_config.>",
        "$JS.FC.KV_config.>",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("app")]
    public async Task Reader_WithTheDocumentedRights_LoadsAndFollows(string? prefix)
    {
        await using NatsServer nats = await StartAsync(Documented);
        await using NatsKvClient admin = Client(nats);
        INatsKvBucket bucket = await admin.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "config" }, Cancellation);
        for (int i = 0; i < 2000; i++)
        {
            await bucket.PutAsync($"app.k{i}", "1", cancellationToken: Cancellation);
        }

        string key = prefix is null ? "app:k1999" : "k1999";
        using (ConfigurationRoot root = Load(nats, source => source.Prefix = prefix))
        {
            Assert.Equal("1", root[key]);
            await bucket.PutAsync("app.k1999", "2", cancellationToken: Cancellation);
            await Eventual.EqualAsync("2", () => root[key]);
        }

        await Eventual.EqualAsync(0, () => Server.CountConsumersAsync(nats, "config"));
    }

    [Theory]
    [InlineData("$JS.API.STREAM.INFO.KV_config")]
    [InlineData("$JS.API.CONSUMER.CREATE.KV_config.>")]
    public async Task Reader_WithoutARight_FailsAndIsToldWhichOne(string missing)
    {
        await using NatsServer nats = await StartAsync([.. Documented.Where(right => right != missing)]);
        await using NatsKvClient admin = Client(nats);
        await admin.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "config" }, Cancellation);
        NatsKvConfigurationException error = Assert.Throws<NatsKvConfigurationException>(() => Load(nats));
        TestContext.Current.TestOutputHelper?.WriteLine(error.Message);
        Assert.Contains(missing.TrimEnd('>'), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("readers-password", error.ToString(), StringComparison.Ordinal);
    }

    private static Task<NatsServer> StartAsync(string[] publish) => NatsServer.StartAsync(
        new NatsServerOptions
        {
            ExtraConfiguration = $$"""
                authorization {
                  users = [
                    { user: admin, password: admins-password }
                    { user: reader, password: readers-password, permissions: { publish: [ {{string.Join(", ", publish.Select(static right => $"\"{right}\""))}} ], subscribe: [ "_INBOX.>" ] } }
                  ]
                }
                """,
        },
        Cancellation);

    private static NatsKvClient Client(NatsServer nats) => new(new NatsKvOptions { Url = nats.Url, User = "admin", Password = "admins-password" });

    private static ConfigurationRoot Load(NatsServer nats, Action<NatsKvConfigurationSource>? configure = null) => (ConfigurationRoot)new ConfigurationBuilder()
        .AddNatsKv(source =>
        {
            source.ConfigureConnection = options =>
            {
                options.Url = nats.Url;
                options.User = "reader";
                options.Password = "readers-password";
            };
            configure?.Invoke(source);
        })
        .Build();
}

using Microsoft.Extensions.Configuration;
using NatsKv.Testing;

namespace NatsKv.Configuration.Tests.Live;

/// <summary>A test with a bucket and a client of its own.</summary>
public abstract class LiveTest(Server server) : IAsyncLifetime
{
    private readonly List<IDisposable> _roots = [];

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected NatsServer Nats => server.Server;

    protected string BucketName { get; } = server.NewName("configuration");

    protected NatsKvClient Client { get; } = new(new NatsKvOptions { Url = server.Url, ClientName = "test" });

    protected INatsKvBucket Bucket { get; private set; } = null!;

    protected virtual NatsKvBucketConfig Config => new() { Bucket = BucketName, Storage = NatsKvStorage.Memory };

    public async ValueTask InitializeAsync() => Bucket = await Client.CreateBucketAsync(Config, Cancellation);

    public async ValueTask DisposeAsync()
    {
        _roots.ForEach(static root => root.Dispose());
        await Client.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected void Configure(NatsKvConfigurationSource source, Action<NatsKvConfigurationSource>? configure = null)
    {
        source.Bucket = BucketName;
        source.ConfigureConnection = options => options.Url = server.Url;
        source.LoadTimeout = TimeSpan.FromMinutes(1);
        configure?.Invoke(source);
    }

    protected IConfigurationRoot Load(Action<NatsKvConfigurationSource>? configure = null)
    {
        IConfigurationRoot root = new ConfigurationBuilder().AddNatsKv(source => Configure(source, configure)).Build();
        Own((IDisposable)root);
        return root;
    }

    protected void Own(IDisposable root) => _roots.Add(root);
}

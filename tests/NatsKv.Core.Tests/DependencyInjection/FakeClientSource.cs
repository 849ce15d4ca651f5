using Microsoft.Extensions.Configuration;

namespace NatsKv.Tests.DependencyInjection;

/// <summary>A configuration provider on NATS: delivers values as if out of a bucket, and keeps a client.</summary>
internal sealed class FakeClientSource(NatsKvOptions options, params (string Key, string Value)[] values) : ConfigurationProvider, IConfigurationSource, INatsKvClientSource, IDisposable
{
    private readonly NatsKvClient _client = new(options);

    public NatsKvConnectionSettings ConnectionSettings => _client.Settings;

    public int Shared { get; private set; }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public INatsKvClient ShareClient()
    {
        Shared++;
        return _client.Share();
    }

    public void Dispose() => _client.Dispose();

    public override void Load()
    {
        foreach ((string key, string value) in values)
        {
            Data[key] = value;
        }
    }
}

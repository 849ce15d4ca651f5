using Microsoft.Extensions.Configuration;

namespace NatsKv.Configuration.Tests.Settings;

/// <summary>Counts what is done to it.</summary>
internal sealed class CountingSource(params (string Key, string Value)[] content) : IConfigurationSource
{
    public int Builds { get; private set; }

    public int Loads { get; private set; }

    public int Disposals { get; private set; }

    public IConfigurationProvider Build(IConfigurationBuilder builder)
    {
        Builds++;
        return new Provider(this);
    }

    private sealed class Provider(CountingSource source) : ConfigurationProvider, IDisposable
    {
        public override void Load()
        {
            source.Loads++;
            foreach ((string key, string value) in source.Content)
            {
                Set(key, value);
            }
        }

        public void Dispose() => source.Disposals++;
    }

    private (string Key, string Value)[] Content => content;
}

using Microsoft.Extensions.Configuration;

namespace NatsKv;

/// <summary>Finds the configuration providers that keep a client, wherever they hang in the configuration.</summary>
internal static class ClientSources
{
    public static IEnumerable<INatsKvClientSource> In(IConfiguration? configuration)
    {
        if (configuration is not IConfigurationRoot root)
        {
            yield break;
        }

        foreach (IConfigurationProvider provider in root.Providers)
        {
            if (provider is INatsKvClientSource source)
            {
                yield return source;
            }
            else if (provider is ChainedConfigurationProvider chained)
            {
                foreach (INatsKvClientSource inner in In(chained.Configuration))
                {
                    yield return inner;
                }
            }
        }
    }
}

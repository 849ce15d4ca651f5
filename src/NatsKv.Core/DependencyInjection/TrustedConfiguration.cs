using Microsoft.Extensions.Configuration;

namespace NatsKv;

/// <summary>Configuration without what came out of a bucket; see <see cref="INatsKvClientSource"/> for why.</summary>
internal sealed class TrustedConfiguration(IConfiguration configuration)
{
    public string? this[string key] => configuration is IConfigurationRoot root
        ? Find(root.Providers, key)
        : configuration[key];

    private static string? Find(IEnumerable<IConfigurationProvider> providers, string key)
    {
        foreach (IConfigurationProvider provider in providers.Reverse())
        {
            string? value = null;
            if (provider is ChainedConfigurationProvider { Configuration: IConfigurationRoot inner })
            {
                value = Find(inner.Providers, key);
            }
            else if (provider is not INatsKvClientSource && provider.TryGet(key, out string? own))
            {
                value = own;
            }

            if (value is not null)
            {
                return value;
            }
        }

        return null;
    }
}

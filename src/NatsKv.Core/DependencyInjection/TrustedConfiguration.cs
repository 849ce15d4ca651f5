using Microsoft.Extensions.Configuration;

namespace NatsKv;

/// <summary>
/// Configuration without what came out of a bucket (see <see cref="INatsKvClientSource"/> for why): what decides where a host connects, and
/// what it reads there, is looked up through this.
/// </summary>
/// <param name="configuration">The host's configuration.</param>
/// <remarks>
/// A section of another configuration that was chained in (<c>AddConfiguration(root.GetSection(…))</c>) doesn't tell where its values come
/// from, and is passed over. A whole configuration that was chained in is looked through.
/// </remarks>
public sealed class TrustedConfiguration(IConfiguration configuration)
{
    /// <summary>The value of a key.</summary>
    /// <param name="key">The key, with <c>:</c> between its parts.</param>
    /// <value>The value; <see langword="null"/> if no trusted source has one, or only an empty one.</value>
    public string? this[string key]
    {
        get
        {
            string? value = configuration is IConfigurationRoot root ? Find(root.Providers, key) : configuration[key];
            return string.IsNullOrEmpty(value) ? null : value;
        }
    }

    private static string? Find(IEnumerable<IConfigurationProvider> providers, string key)
    {
        foreach (IConfigurationProvider provider in providers.Reverse())
        {
            string? value = provider switch
            {
                INatsKvClientSource => null,
                ChainedConfigurationProvider { Configuration: IConfigurationRoot inner } => Find(inner.Providers, key),
                ChainedConfigurationProvider => null,
                _ => provider.TryGet(key, out string? own) ? own : null,
            };
            if (!string.IsNullOrEmpty(value))
            {
                return value;
            }
        }

        return null;
    }
}

using Microsoft.Extensions.Configuration;

namespace NatsKv.Configuration.Settings;

/// <summary>Lets a source read, while it is being built, what the sources before it say.</summary>
/// <remarks>
/// <para>
/// A <see cref="ConfigurationManager"/> has loaded them already and can be asked, at no cost. Inside its rebuilds it shows every provider it
/// had, later ones and ours included; that is why settings are read once per source, and never from a provider that is fed by a bucket.
/// A source that is inserted below others sees those too, so that an environment variable can still say where the server is.
/// </para>
/// <para>
/// A plain <see cref="ConfigurationBuilder"/> has loaded nothing when it builds us, and shows us sources only. So each source before ours is
/// built and loaded one extra time, beside the real one, and let go at once; with three exceptions. Another source of ours is left out: its
/// values are not trusted, and it would connect. A stream can be read only once, so it is left to its real provider. And a chained
/// configuration is loaded already, so it is read where it is, and never disposed.
/// </para>
/// </remarks>
internal static class EarlierConfiguration
{
    public static T Read<T>(IConfigurationBuilder builder, NatsKvConfigurationSource source, Func<IConfiguration, T> read)
    {
        if (builder is IConfiguration loaded)
        {
            return read(loaded);
        }

        var providers = new List<IConfigurationProvider>();
        ConfigurationRoot? root = null;
        try
        {
            foreach (IConfigurationSource earlier in builder.Sources.TakeWhile(other => other != source))
            {
                if (ReadableTwin(earlier) is { } readable)
                {
                    providers.Add(readable.Build(builder));
                }
            }

            // Loads the providers.
            root = new ConfigurationRoot(providers);
            return read(root);
        }
        finally
        {
            if (root is not null)
            {
                root.Dispose();
            }
            else
            {
                providers.OfType<IDisposable>().ToList().ForEach(static provider => provider.Dispose());
            }
        }
    }

    private static IConfigurationSource? ReadableTwin(IConfigurationSource source) => source switch
    {
        NatsKvConfigurationSource or StreamConfigurationSource => null,

        // Without the order to dispose what it is chained to.
        ChainedConfigurationSource { Configuration: { } inner } => new ChainedConfigurationSource { Configuration = inner },
        _ => source,
    };
}

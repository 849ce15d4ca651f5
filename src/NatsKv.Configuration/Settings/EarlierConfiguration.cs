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
/// built and loaded one extra time, beside the real one, and let go at once; with four exceptions. Another source of ours is left out: its
/// values are not trusted, and it would connect. A stream can be read only once, so it is left to its real provider. A chained configuration
/// is loaded already and is read where it is, never disposed. And a file source shares one file provider among all the providers that it
/// builds: ours neither watches the file nor is it disposed, which would end the watching of the real one.
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
        var owned = new List<IDisposable>();
        try
        {
            foreach (IConfigurationSource earlier in builder.Sources.TakeWhile(other => other != source))
            {
                Add(earlier);
            }

            // Loads the providers. It holds on to nothing but them, so it can be left to the collector.
            return read(new ConfigurationRoot(providers));
        }
        finally
        {
            owned.ForEach(static provider => provider.Dispose());
        }

        void Add(IConfigurationSource earlier)
        {
            switch (earlier)
            {
                case NatsKvConfigurationSource or StreamConfigurationSource:
                    break;
                case ChainedConfigurationSource { Configuration: { } inner }:
                    providers.Add(new ChainedConfigurationSource { Configuration = inner }.Build(builder));
                    break;
                case FileConfigurationSource file:
                    providers.Add(BuildUnwatched(file, builder));
                    break;
                default:
                    IConfigurationProvider provider = earlier.Build(builder);
                    providers.Add(provider);
                    if (provider is IDisposable disposable)
                    {
                        owned.Add(disposable);
                    }

                    break;
            }
        }
    }

    private static IConfigurationProvider BuildUnwatched(FileConfigurationSource file, IConfigurationBuilder builder)
    {
        bool reloadOnChange = file.ReloadOnChange;
        file.ReloadOnChange = false;
        try
        {
            return file.Build(builder);
        }
        finally
        {
            file.ReloadOnChange = reloadOnChange;
        }
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using NatsKv;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the Key/Value client.</summary>
public static class NatsKvServiceCollectionExtensions
{
    /// <summary>
    /// Registers one <see cref="INatsKvClient"/> for the host. Without <paramref name="configure"/> it shares the connection of the host's
    /// configuration source on NATS, if there is one; else it is configured from section <c>NatsKv</c> and <c>ConnectionStrings:nats</c>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Settings of the application's own; they win over the configuration. Settings that differ from the configuration
    /// source's make a second connection, and a warning in the log.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddNatsKv(this IServiceCollection services, Action<NatsKvOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (configure is not null)
        {
            services.AddSingleton(new NatsKvConfigureOptions(configure));
        }

        return services.AddClient();
    }

    /// <summary>The same with settings that need other services of the host, for example a connection that it has already.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Settings of the application's own, as with the other form.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddNatsKv(this IServiceCollection services, Action<IServiceProvider, NatsKvOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddSingleton(provider => new NatsKvConfigureOptions(options => configure(provider, options))).AddClient();
    }

    private static IServiceCollection AddClient(this IServiceCollection services)
    {
        services.TryAddSingleton(static provider => new NatsKvClientFactory(
            provider.GetService<IConfiguration>(),
            provider.GetServices<NatsKvConfigureOptions>(),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<TimeProvider>()).Create());
        return services;
    }
}

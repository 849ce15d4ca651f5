using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NatsKv.Caching;
using NatsKv.Caching.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the cache.</summary>
public static class NatsKvCacheServiceCollectionExtensions
{
    /// <summary>
    /// Registers a distributed cache in a NATS Key/Value bucket: the one that configuration <c>NatsKv:Cache:Bucket</c> names, or
    /// <c>cache</c>. The bucket is made at the first use if it is missing.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    /// <remarks>
    /// As with other distributed caches, the last one that is registered is the one that <see cref="IDistributedCache"/> stands for. The
    /// connection is the one of <c>AddNatsKv</c>, which this registers with its defaults if the application doesn't.
    /// </remarks>
    public static IServiceCollection AddNatsKvCache(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddNatsKv();
        services.AddOptionsWithValidateOnStart<NatsKvCacheOptions>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<NatsKvCacheOptions>, CacheOptionsSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<NatsKvCacheOptions>, CacheOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<NatsKvCacheOptions>, CacheOptionsRules>());
        return services.AddSingleton<IDistributedCache, NatsKvCache>();
    }

    /// <summary>Registers a distributed cache in the given NATS Key/Value bucket, which is made at the first use if it is missing.</summary>
    /// <param name="services">The services.</param>
    /// <param name="bucket">The bucket; it wins over the configuration.</param>
    /// <returns>The same services.</returns>
    /// <inheritdoc cref="AddNatsKvCache(IServiceCollection)" path="/remarks"/>
    public static IServiceCollection AddNatsKvCache(this IServiceCollection services, string bucket)
    {
        ArgumentException.ThrowIfNullOrEmpty(bucket);
        return services.AddNatsKvCache(options => options.Bucket = bucket);
    }

    /// <summary>Registers a distributed cache in a NATS Key/Value bucket.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">The settings; they win over configuration section <c>NatsKv:Cache</c>.</param>
    /// <returns>The same services.</returns>
    /// <inheritdoc cref="AddNatsKvCache(IServiceCollection)" path="/remarks"/>
    public static IServiceCollection AddNatsKvCache(this IServiceCollection services, Action<NatsKvCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddNatsKvCache().Configure(configure);
    }
}

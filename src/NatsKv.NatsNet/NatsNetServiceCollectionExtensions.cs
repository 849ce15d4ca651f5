using NATS.Client.Core;
using NatsKv;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the host's client on the host's connection of the official NATS client.</summary>
public static class NatsNetServiceCollectionExtensions
{
    /// <summary>Registers the Key/Value client like <c>AddNatsKv</c>, over the <see cref="INatsConnection"/> that is registered, or will be.</summary>
    /// <param name="services">The services.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection UseNatsNet(this IServiceCollection services) =>
        services.AddNatsKv(static (provider, options) => options.UseNatsNet(provider.GetRequiredService<INatsConnection>()));
}

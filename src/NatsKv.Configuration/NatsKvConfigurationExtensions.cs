using NatsKv.Configuration;

namespace Microsoft.Extensions.Configuration;

/// <summary>Adds NATS JetStream Key/Value buckets to configuration.</summary>
public static class NatsKvConfigurationExtensions
{
    /// <summary>Adds the bucket that <c>NatsKv:Configuration:Bucket</c> of the sources before this one names, else <c>config</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Loading blocks the calling thread until the bucket's content is there; see <see cref="NatsKvConfigurationSource.LoadTimeout"/>.</remarks>
    public static IConfigurationBuilder AddNatsKv(this IConfigurationBuilder builder) => builder.AddNatsKv(configureSource: null);

    /// <summary>Adds a bucket that must be there.</summary>
    /// <inheritdoc cref="AddNatsKv(IConfigurationBuilder, string, bool, bool)"/>
    public static IConfigurationBuilder AddNatsKv(this IConfigurationBuilder builder, string bucket)
    {
        ArgumentException.ThrowIfNullOrEmpty(bucket);
        return builder.AddNatsKv(source => source.Bucket = bucket);
    }

    /// <summary>Adds a bucket.</summary>
    /// <inheritdoc cref="AddNatsKv(IConfigurationBuilder, string, bool, bool)"/>
    public static IConfigurationBuilder AddNatsKv(this IConfigurationBuilder builder, string bucket, bool optional)
    {
        ArgumentException.ThrowIfNullOrEmpty(bucket);
        return builder.AddNatsKv(source =>
        {
            source.Bucket = bucket;
            source.Optional = optional;
        });
    }

    /// <summary>Adds a bucket.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="optional">Whether the host starts without the bucket; see <see cref="NatsKvConfigurationSource.Optional"/>.</param>
    /// <param name="reloadOnChange">Whether changes of the bucket are followed.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Loading blocks the calling thread until the bucket's content is there; see <see cref="NatsKvConfigurationSource.LoadTimeout"/>.</remarks>
    public static IConfigurationBuilder AddNatsKv(this IConfigurationBuilder builder, string bucket, bool optional, bool reloadOnChange)
    {
        ArgumentException.ThrowIfNullOrEmpty(bucket);
        return builder.AddNatsKv(source =>
        {
            source.Bucket = bucket;
            source.Optional = optional;
            source.ReloadOnChange = reloadOnChange;
        });
    }

    /// <summary>Adds a bucket with all the settings there are.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configureSource">Sets up the source; called once, at once.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Loading blocks the calling thread until the bucket's content is there; see <see cref="NatsKvConfigurationSource.LoadTimeout"/>.</remarks>
    public static IConfigurationBuilder AddNatsKv(this IConfigurationBuilder builder, Action<NatsKvConfigurationSource>? configureSource)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(configureSource);
    }
}

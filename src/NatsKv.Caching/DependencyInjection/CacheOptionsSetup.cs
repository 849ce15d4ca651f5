using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace NatsKv.Caching.DependencyInjection;

/// <summary>Takes the settings from section <c>NatsKv:Cache</c>, if the container knows a configuration.</summary>
internal sealed class CacheOptionsSetup(IServiceProvider services) : IConfigureOptions<NatsKvCacheOptions>
{
    /// <inheritdoc/>
    public void Configure(NatsKvCacheOptions options)
    {
        if (services.GetService<IConfiguration>() is not { } configuration)
        {
            return;
        }

        IConfigurationSection section = configuration.GetSection(NatsKvCacheOptions.SectionName);
        options.Bucket = Text(section, nameof(options.Bucket)) ?? options.Bucket;
        options.InstanceName = Text(section, nameof(options.InstanceName)) ?? options.InstanceName;
        options.CreateBucket = Value(section, nameof(options.CreateBucket), options.CreateBucket, bool.TryParse, "true or false");
        options.Storage = Value(section, nameof(options.Storage), options.Storage, TryName, "File or Memory");
        options.Replicas = Value(section, nameof(options.Replicas), options.Replicas, TryNumber, "a number");
        options.MaxBytes = Value<long?>(section, nameof(options.MaxBytes), options.MaxBytes, TryNumber, "a number of bytes");
        options.LimitMarkerTtl = Value(section, nameof(options.LimitMarkerTtl), options.LimitMarkerTtl, NatsKvDuration.TryParse, Duration);
        options.ExpirationGrace = Value(section, nameof(options.ExpirationGrace), options.ExpirationGrace, NatsKvDuration.TryParse, Duration);
        options.DefaultExpiration = Value<TimeSpan?>(section, nameof(options.DefaultExpiration), options.DefaultExpiration, TryDuration, Duration);
        options.DefaultSlidingExpiration =
            Value<TimeSpan?>(section, nameof(options.DefaultSlidingExpiration), options.DefaultSlidingExpiration, TryDuration, Duration);
        options.SlidingRefresh =
            Value(section, nameof(options.SlidingRefresh), options.SlidingRefresh, TryName, "OnGet, OnRefreshOnly or Off");
        options.SlidingRefreshQuantum = Value(section, nameof(options.SlidingRefreshQuantum), options.SlidingRefreshQuantum, TryNumber, "a number");
        options.ReadFromLeader = Value(section, nameof(options.ReadFromLeader), options.ReadFromLeader, bool.TryParse, "true or false");
    }

    private const string Duration = "a duration like '00:00:30', '30s' or '1.5h'";

    private delegate bool Parser<T>(string? text, out T value);

    private static string? Text(IConfigurationSection section, string name) => section[name] is { Length: > 0 } text ? text : null;

    private static T Value<T>(IConfigurationSection section, string name, T present, Parser<T> parser, string wanted)
    {
        if (Text(section, name) is not { } text)
        {
            return present;
        }

        return parser(text, out T value)
            ? value
            : throw new ArgumentException($"'{text}' in configuration '{section.Path}:{name}' is not {wanted}.");
    }

    private static bool TryName<T>(string? text, out T value)
        where T : struct, Enum => Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value);

    private static bool TryNumber<T>(string? text, out T value)
        where T : struct, ISpanParsable<T> => T.TryParse(text, CultureInfo.InvariantCulture, out value);

    private static bool TryNumber(string? text, out long? value)
    {
        bool isNumber = TryNumber(text, out long number);
        value = number;
        return isNumber;
    }

    private static bool TryDuration(string? text, out TimeSpan? value)
    {
        bool isDuration = NatsKvDuration.TryParse(text, out TimeSpan duration);
        value = duration;
        return isDuration;
    }
}

using System.Buffers;
using Microsoft.Extensions.Options;

namespace NatsKv.Caching.DependencyInjection;

/// <summary>Checks what attributes can't say.</summary>
internal sealed class CacheOptionsRules : IValidateOptions<NatsKvCacheOptions>
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>Checks options that didn't come from a container, which would have done it.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    public static void ThrowIfInvalid(NatsKvCacheOptions options)
    {
        IValidateOptions<NatsKvCacheOptions>[] validators = [new CacheOptionsValidator(), new CacheOptionsRules()];
        string[] failures = [.. validators.SelectMany(validator => validator.Validate(null, options).Failures ?? [])];
        if (failures.Length > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(NatsKvCacheOptions), failures);
        }
    }

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, NatsKvCacheOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        CheckName(result, nameof(options.Bucket), options.Bucket);
        if (options.InstanceName is { } instance)
        {
            CheckName(result, nameof(options.InstanceName), instance);
        }

        if (options.LimitMarkerTtl < TimeSpan.FromSeconds(1))
        {
            Fail(result, nameof(options.LimitMarkerTtl), options.LimitMarkerTtl, "at least one second");
        }

        if (options.ExpirationGrace < TimeSpan.Zero)
        {
            Fail(result, nameof(options.ExpirationGrace), options.ExpirationGrace, "zero or longer");
        }

        if (options.DefaultExpiration <= TimeSpan.Zero)
        {
            Fail(result, nameof(options.DefaultExpiration), options.DefaultExpiration, "longer than zero, or left out");
        }

        if (options.DefaultSlidingExpiration <= TimeSpan.Zero)
        {
            Fail(result, nameof(options.DefaultSlidingExpiration), options.DefaultSlidingExpiration, "longer than zero, or left out");
        }

        if (options.MaxBytes <= 0)
        {
            Fail(result, nameof(options.MaxBytes), options.MaxBytes, "more than zero, or left out");
        }

        if (!Enum.IsDefined(options.Storage))
        {
            Fail(result, nameof(options.Storage), options.Storage, "File or Memory");
        }

        if (!Enum.IsDefined(options.SlidingRefresh))
        {
            Fail(result, nameof(options.SlidingRefresh), options.SlidingRefresh, "OnGet, OnRefreshOnly or Off");
        }

        return result.Build();
    }

    private static void CheckName(ValidateOptionsResultBuilder result, string setting, string? value)
    {
        if (string.IsNullOrEmpty(value) || value.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            Fail(result, setting, $"'{value}'", "made of letters, digits, '-' and '_'");
        }
    }

    private static void Fail(ValidateOptionsResultBuilder result, string setting, object? value, string wanted) =>
        result.AddError($"{NatsKvCacheOptions.SectionName}:{setting} is {value}; it must be {wanted}.");
}

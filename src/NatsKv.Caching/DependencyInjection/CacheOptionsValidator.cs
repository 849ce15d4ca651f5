using Microsoft.Extensions.Options;

namespace NatsKv.Caching.DependencyInjection;

/// <summary>Checks the attributes on the options.</summary>
[OptionsValidator]
internal sealed partial class CacheOptionsValidator : IValidateOptions<NatsKvCacheOptions>;

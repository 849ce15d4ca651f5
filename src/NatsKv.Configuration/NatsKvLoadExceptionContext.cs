namespace NatsKv.Configuration;

/// <summary>What <see cref="NatsKvConfigurationSource.OnLoadException"/> is told, and what it decides.</summary>
public sealed class NatsKvLoadExceptionContext
{
    /// <summary>Makes the context.</summary>
    /// <param name="provider">The provider that could not load.</param>
    /// <param name="exception">What went wrong.</param>
    public NatsKvLoadExceptionContext(NatsKvConfigurationProvider provider, NatsKvConfigurationException exception)
    {
        Provider = provider;
        Exception = exception;
    }

    /// <summary>The provider that could not load.</summary>
    public NatsKvConfigurationProvider Provider { get; }

    /// <summary>What went wrong.</summary>
    public NatsKvConfigurationException Exception { get; }

    /// <summary>Whether to start without the bucket, as an optional source does, instead of throwing.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Ignore { get; set; }
}

namespace NatsKv;

/// <summary>The base of everything that goes wrong between this client and the server.</summary>
public class NatsKvException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What went wrong and what to do about it.</param>
    /// <param name="innerException">The cause.</param>
    public NatsKvException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the same call may succeed a little later with nothing changed by anybody.</summary>
    public virtual bool IsTransient => false;
}

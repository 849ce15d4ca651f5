namespace NatsKv;

/// <summary>Which keys and filters a handle on a bucket lets through. What could break the protocol line is refused always.</summary>
/// <remarks>
/// In all three, a key is at most 3,072 bytes long as UTF-8, and no key is a wildcard or has one for a token: a value would be stored under
/// that name, and a read of it would match others. Other clients may refuse keys that aren't <see cref="Strict"/>.
/// </remarks>
public enum NatsKvKeyValidation
{
    /// <summary>What ADR-8 allows: letters, digits and <c>- _ / = .</c>, without a dot at the start, at the end or next to another.</summary>
    Strict = 0,

    /// <summary>
    /// What the server takes as a subject: any characters but whitespace, control characters, <c>*</c> and <c>></c>, in tokens that aren't
    /// empty. So <c>session:user123</c> is a key.
    /// </summary>
    Relaxed = 1,

    /// <summary>
    /// Only what keeps the connection safe is checked: no spaces and no control characters. A key that the server then can't make a subject
    /// of, such as <c>a..b</c>, fails as nobody answers.
    /// </summary>
    Off = 2,
}

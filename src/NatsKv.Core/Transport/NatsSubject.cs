using System.Diagnostics.CodeAnalysis;

namespace NatsKv.Transport;

/// <summary>A subject in two parts, so that a prefix made once and a key can be sent without being joined first.</summary>
/// <param name="Prefix">The first part, with its closing dot if it needs one.</param>
/// <param name="Suffix">The second part.</param>
/// <remarks>Whoever makes one has validated it: the transport sends it as it is.</remarks>
[Experimental("NATSKV001")]
public readonly record struct NatsSubject(string Prefix, string Suffix = "")
{
    /// <summary>Its length in characters.</summary>
    public int Length => Prefix.Length + Suffix.Length;

    /// <inheritdoc/>
    public override string ToString() => Prefix + Suffix;
}

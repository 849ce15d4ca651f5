namespace NatsKv.Testing.Locating;

/// <summary>A package archive of the machine's: its address, and the keyring it names, if any.</summary>
internal sealed record AptArchive(string Uri, string? Keyring);

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace NatsKv.Buckets;

/// <summary>What tells one write of all processes apart from every other: a prefix that this process drew, and a number that it counts up.</summary>
internal static class MessageId
{
    private const int RandomBytes = 9;

    private static readonly byte[] OwnPrefix = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes)) + "-");
    private static long s_last;

    /// <summary>What stands before the number.</summary>
    public static ReadOnlySpan<byte> Prefix => OwnPrefix;

    /// <summary>A number that no other write of this process has; never 0.</summary>
    public static ulong Next() => (ulong)Interlocked.Increment(ref s_last);

    /// <summary>Whether an id is this process's for a number.</summary>
    public static bool IsOf(ulong number, ReadOnlySpan<byte> id) =>
        id.StartsWith(OwnPrefix) && Utf8Parser.TryParse(id[OwnPrefix.Length..], out ulong found, out int length)
        && length == id.Length - OwnPrefix.Length && found == number;
}

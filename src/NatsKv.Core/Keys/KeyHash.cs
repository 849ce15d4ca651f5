using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace NatsKv.Keys;

/// <summary>
/// 64 bits that stand for a key, so that a million keys can be remembered in a few bytes each. Different in every process, so that nobody
/// can choose keys that collide; among a million keys, two collide once in tens of millions of runs.
/// </summary>
internal static class KeyHash
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;
    private const ulong Finisher = 0xD6E8_FEB8_6659_FD93;

    private static readonly ulong Seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    public static ulong Of(ReadOnlySpan<char> key)
    {
        ReadOnlySpan<byte> name = MemoryMarshal.AsBytes(key);
        ulong hash = Seed ^ (ulong)name.Length;
        for (; name.Length >= sizeof(ulong); name = name[sizeof(ulong)..])
        {
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(name), Multiplier);
        }

        ulong rest = 0;
        foreach (byte character in name)
        {
            rest = (rest << 8) | character;
        }

        return Fold(Fold(hash ^ rest, Multiplier) ^ Seed, Finisher);
    }

    private static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}

using System.Runtime.InteropServices;

namespace NatsKv.LoadTest.Floor;

/// <summary>How long a good reply is; a refusal is not.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReplyRule(int LeastBytes, int MostBytes)
{
    // A bare status, as when nobody listens, has 16 bytes.
    private const int ShortestAcknowledgement = 20;
    private const int LongestAcknowledgement = 80;

    public static ReplyRule Acknowledgement => new(ShortestAcknowledgement, LongestAcknowledgement);

    public static ReplyRule Value(int bytes) => new(bytes, int.MaxValue);
}

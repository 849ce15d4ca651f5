using System.Buffers;

namespace NatsKv.NatsNet;

/// <summary>
/// A payload whose bytes belong to the caller. A client that is disconnected just then copies them only when it is connected again; by that
/// time the caller may have given up and used its buffer for something else.
/// </summary>
internal sealed class OutgoingPayload(ReadOnlySequence<byte> bytes)
{
    private const int Fresh = 0;
    private const int Writing = 1;
    private const int Written = 2;
    private const int Revoked = 3;

    private int _state;

    /// <exception cref="OperationCanceledException">The caller has its bytes back.</exception>
    public void WriteTo(IBufferWriter<byte> output)
    {
        if (Interlocked.CompareExchange(ref _state, Writing, Fresh) != Fresh)
        {
            throw new OperationCanceledException("The sender has given up.");
        }

        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            output.Write(segment.Span);
        }

        Volatile.Write(ref _state, Written);
    }

    /// <summary>The bytes are the caller's again when this returns.</summary>
    public void Revoke()
    {
        var spin = default(SpinWait);
        while (Interlocked.CompareExchange(ref _state, Revoked, Fresh) == Writing)
        {
            spin.SpinOnce();
        }
    }
}

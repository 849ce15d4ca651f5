namespace NatsKv.Connection;

/// <summary>
/// When a buffer that a burst has made grow is given back: after it was much too large many times in a row. Sooner would mean a new large buffer
/// for each message of a stream of large ones.
/// </summary>
internal struct ShrinkPolicy
{
    private const int Patience = 128;
    private const int MuchTooLarge = 4;

    private int _uses;

    /// <summary>Counts one use.</summary>
    /// <param name="needed">How much of the buffer it took.</param>
    /// <param name="size">The buffer's size.</param>
    /// <param name="normal">The size that is never given back.</param>
    /// <returns>Whether to go back to the normal size.</returns>
    public bool ShouldShrink(int needed, int size, int normal)
    {
        bool isTooLarge = size > normal && needed <= Math.Max(normal, size / MuchTooLarge);
        _uses = isTooLarge ? _uses + 1 : 0;
        if (_uses < Patience)
        {
            return false;
        }

        _uses = 0;
        return needed <= normal;
    }
}

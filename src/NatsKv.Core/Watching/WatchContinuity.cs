namespace NatsKv.Watching;

/// <summary>
/// Tells from a few numbers whether anything may have been removed in silence. Each message that is written adds one to the last sequence and
/// to the number of messages; each that goes takes one from the latter only. So, if both grew alike, nothing went: that is exact, whatever
/// rules of expiry and compaction a bucket has, and however long it took. Pure.
/// </summary>
internal static class WatchContinuity
{
    /// <param name="before">The stream when everything up to its last sequence had been handed over; <see langword="null"/> if that never was so.</param>
    /// <param name="position">The sequence up to which everything has been handed over.</param>
    /// <param name="now">The stream now.</param>
    public static Continuity Compare(StreamMark? before, ulong position, StreamMark now)
    {
        if (before is not { } mark)
        {
            return now.Last < position ? Continuity.Void : Continuity.Doubtful;
        }

        // A first sequence beyond the position tells nothing: a bucket whose only key was overwritten twice looks like that.
        if (now.Created != mark.Created || now.Last < Math.Max(position, mark.Last) || (now.Last == mark.Last && now.LastTime != mark.LastTime))
        {
            return Continuity.Void;
        }

        long gone = (long)(now.Last - mark.Last) - (now.Messages - mark.Messages);
        return gone != 0 ? Continuity.Doubtful : now.Last == mark.Last ? Continuity.Same : Continuity.Grown;
    }
}

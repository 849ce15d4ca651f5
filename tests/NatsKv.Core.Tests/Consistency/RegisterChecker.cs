namespace NatsKv.Tests.Consistency;

/// <summary>
/// Decides whether what clients saw of one key is linearizable: whether each operation can have happened at one moment between its start and its
/// end, all in one order. That is hard in general; here revisions tell the order of the writes, so that it takes no longer than sorting. Pure.
/// </summary>
/// <remarks>
/// Deletes and purges count as writes, and their markers must stay; a write tells who made it by a name that is stored with it, so that a
/// write of unknown outcome that somebody read is known to have been stored, and with which revision.
/// </remarks>
internal sealed class RegisterChecker
{
    private readonly IReadOnlyList<RegisterOperation> _history;
    private readonly Dictionary<long, RegisterOperation> _writes;
    private readonly Dictionary<long, ulong> _foundUnknown = [];
    private readonly List<string> _violations = [];

    // The writes whose revision is known, in its order, and for each the earliest start of all from it on.
    private readonly List<(ulong Revision, RegisterOperation Write)> _stored = [];
    private long[] _earliestStartFrom = [];
    private long _earliestUnknown = long.MaxValue;
    private long _earliestUnknownMarker = long.MaxValue;

    private RegisterChecker(IReadOnlyList<RegisterOperation> history)
    {
        _history = history;
        _writes = history.Where(static operation => operation.Kind != RegisterOperationKind.Read).ToDictionary(static operation => operation.Write);
    }

    /// <summary>What no order explains; empty for a sound history.</summary>
    public static IReadOnlyList<string> FindViolations(IReadOnlyList<RegisterOperation> history)
    {
        var checker = new RegisterChecker(history);
        checker.CheckReads();
        checker.OrderWrites();
        checker.CheckPredecessors();
        checker.CheckTimes();
        return checker._violations;
    }

    // A read found what somebody wrote, under the revision that the writer was told.
    private void CheckReads()
    {
        foreach (RegisterOperation read in _history.Where(static operation => operation.Kind == RegisterOperationKind.Read && operation.Revision != 0))
        {
            if (!_writes.TryGetValue(read.Found, out RegisterOperation? write))
            {
                _violations.Add($"nobody wrote what was read: {read}");
            }
            else if (write.Outcome == RegisterOutcome.Lost)
            {
                _violations.Add($"a write that was told that it lost was read: {write}, {read}");
            }
            else if ((write.Outcome == RegisterOutcome.Done ? write.Revision : _foundUnknown.GetValueOrDefault(write.Write, read.Revision)) != read.Revision)
            {
                _violations.Add($"one write, two revisions: {write}, {read}");
            }
            else if (write.Outcome == RegisterOutcome.Unknown)
            {
                _foundUnknown[write.Write] = read.Revision;
            }
        }
    }

    private void OrderWrites()
    {
        foreach (RegisterOperation write in _writes.Values.Where(static write => write.Outcome != RegisterOutcome.Lost))
        {
            if (RevisionOf(write) is { } revision)
            {
                _stored.Add((revision, write));
            }
            else
            {
                _earliestUnknown = Math.Min(_earliestUnknown, write.Start);
                _earliestUnknownMarker = write.IsMarker ? Math.Min(_earliestUnknownMarker, write.Start) : _earliestUnknownMarker;
            }
        }

        _stored.Sort(static (one, other) => one.Revision.CompareTo(other.Revision));
        _earliestStartFrom = new long[_stored.Count + 1];
        _earliestStartFrom[^1] = long.MaxValue;
        for (int i = _stored.Count - 1; i >= 0; i--)
        {
            _earliestStartFrom[i] = Math.Min(_earliestStartFrom[i + 1], _stored[i].Write.Start);
        }
    }

    private void CheckPredecessors()
    {
        for (int i = 0; i < _stored.Count; i++)
        {
            (ulong revision, RegisterOperation write) = _stored[i];
            (ulong before, RegisterOperation? predecessor) = i > 0 ? _stored[i - 1] : default;
            if (i > 0 && before == revision)
            {
                _violations.Add($"two writes, one revision: {predecessor}, {write}");
            }
            else if (write.Kind == RegisterOperationKind.CompareAndSet && before != write.Expected)
            {
                _violations.Add($"a compare-and-set replaced another revision than it expected: {predecessor}, {write}");
            }
            else if (write.Kind == RegisterOperationKind.Create && predecessor is { IsMarker: false } && _earliestUnknownMarker > write.End)
            {
                _violations.Add($"a create replaced a value: {predecessor}, {write}");
            }
        }
    }

    // Nothing is older than what was known before it began: neither a read's result nor a write's revision. This also finds a read of the future,
    // as a write that is older than a read before it.
    private void CheckTimes()
    {
        (long End, ulong Revision)[] ends = [.. _history
            .Where(static operation => operation.Outcome == RegisterOutcome.Done)
            .Select(static operation => (operation.End, operation.Revision))
            .Order()];
        ulong floor = 0;
        int ended = 0;
        foreach (RegisterOperation operation in _history.OrderBy(static operation => operation.Start))
        {
            for (; ended < ends.Length && ends[ended].End < operation.Start; ended++)
            {
                floor = Math.Max(floor, ends[ended].Revision);
            }

            if (operation.Outcome == RegisterOutcome.Lost)
            {
                CheckLoss(operation, floor);
            }
            else if (RevisionOf(operation) is { } revision && (operation.Kind == RegisterOperationKind.Read ? revision < floor : revision <= floor))
            {
                _violations.Add($"revision {floor} was known before it began: {operation}");
            }
        }
    }

    // Nobody loses a race against nobody.
    private void CheckLoss(RegisterOperation loser, ulong floor)
    {
        int known = _stored.BinarySearch((floor, null!), Comparer<(ulong Revision, RegisterOperation)>.Create(static (one, other) => one.Revision.CompareTo(other.Item1)));
        bool couldWin = loser.Kind == RegisterOperationKind.CompareAndSet
            ? floor == loser.Expected
            : floor == 0 || (known >= 0 && _stored[known].Write.IsMarker);
        int next = known >= 0 ? known + 1 : ~known;
        if (couldWin && Math.Min(_earliestStartFrom[next], _earliestUnknown) > loser.End)
        {
            _violations.Add($"a lost race without a winner: {loser}");
        }
    }

    private ulong? RevisionOf(RegisterOperation operation) => operation.Outcome == RegisterOutcome.Done
        ? operation.Revision
        : _foundUnknown.TryGetValue(operation.Write, out ulong revision) ? revision : null;
}

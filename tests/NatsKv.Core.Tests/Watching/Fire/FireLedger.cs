using System.Diagnostics;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>
/// Which revisions have been acknowledged, and when. What may have undone them (a server that was killed, a bucket that was made anew) begins
/// a new era: what was acknowledged before counts no more, nor does a write that was sent before.
/// </summary>
internal sealed class FireLedger(TimeSpan bound)
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Time, ulong Revision)> _recent = [];
    private ulong _due;
    private int _era;
    private (long Time, int ResetsBefore)? _resetDue;

    public int Era => Volatile.Read(ref _era);

    public long Acknowledged { get; private set; }

    /// <param name="revision">Acknowledged just now.</param>
    /// <param name="era">The era in which it was sent.</param>
    public void Acknowledge(ulong revision, int era)
    {
        lock (_lock)
        {
            Acknowledged++;
            if (era == _era)
            {
                _recent.Enqueue((Stopwatch.GetTimestamp(), revision));
            }
        }
    }

    /// <param name="resets">With a number: the watch must report a reset, and so many it had reported before.</param>
    public void BeginEra(int? resets)
    {
        lock (_lock)
        {
            _era++;
            _recent.Clear();
            _due = 0;
            _resetDue = resets is { } before ? (Stopwatch.GetTimestamp(), before) : _resetDue;
        }
    }

    /// <summary>What is wrong with a watch that says at this moment, or a little later, that it follows; <see langword="null"/> if nothing is.</summary>
    public string? Judge(long asked, ulong lastRevision, int resets)
    {
        lock (_lock)
        {
            while (_recent.TryPeek(out (long Time, ulong Revision) next) && Stopwatch.GetElapsedTime(next.Time, asked) > bound)
            {
                _due = Math.Max(_due, _recent.Dequeue().Revision);
            }

            if (_resetDue is { } due && resets > due.ResetsBefore)
            {
                _resetDue = null;
            }

            return _resetDue is { } missing && Stopwatch.GetElapsedTime(missing.Time, asked) > bound ? $"no reset in the {bound.TotalSeconds:F1} s since the bucket became another"
                : lastRevision < _due ? $"revision {_due} was acknowledged more than {bound.TotalSeconds:F1} s before, and the last one handed over is {lastRevision}"
                : null;
        }
    }
}

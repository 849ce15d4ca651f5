using System.Runtime.InteropServices;
using NatsKv.Keys;

namespace NatsKv.Buckets;

/// <summary>
/// Remembers for many keys of one bucket which revision this process has written or seen last, so that a replica that lags behind is not
/// believed. Keys are remembered by a fingerprint, in a table of a fixed size: two keys with the same one cost a question to the leader and
/// nothing else. When the table is full, what was only seen is forgotten first. When an own write is forgotten that is so young that
/// a replica may lack it, all unknown keys are doubted for as long.
/// </summary>
internal sealed class RevisionFloors(TimeProvider time)
{
    private const int Pages = 64;
    private const int Ways = 4;
    private const long OnlySeen = long.MinValue;

    // No replica that answers reads lags longer: the server takes one off that is not current.
    private static readonly TimeSpan LongestLag = TimeSpan.FromMinutes(1);

    private readonly Page[] _pages = [.. Enumerable.Range(0, Pages).Select(static _ => new Page())];
    private long _doubtUntil;
    private long _created;
    private volatile bool _isAssumed;

    /// <summary>The stream is the one that was made at this time. What was noted of another is void.</summary>
    public void Identify(DateTimeOffset created)
    {
        long before = Interlocked.Exchange(ref _created, created.UtcTicks);
        if (before == 0)
        {
            _isAssumed = !Array.TrueForAll(_pages, static page => page.IsEmpty);
        }
        else if (before != created.UtcTicks)
        {
            _isAssumed = false;
            Clear();
        }
    }

    /// <summary>
    /// The leader lacks what was noted. If that was before it was known which stream this is, it was another one's: then it is void.
    /// </summary>
    /// <returns>Whether it was.</returns>
    public bool TryDisown()
    {
        bool wasAssumed = _isAssumed;
        if (wasAssumed)
        {
            _isAssumed = false;
            Clear();
        }

        return wasAssumed;
    }

    /// <summary>This process has written a revision.</summary>
    public void Written(string key, ulong revision) => Set(key, revision, isOwn: true);

    /// <summary>This process has been shown a revision; it must not be shown an older one later.</summary>
    public void Seen(string key, ulong revision) => Set(key, revision, isOwn: false);

    /// <summary>Whether a replica's answer may be believed.</summary>
    /// <param name="key">The key.</param>
    /// <param name="revision">The revision in the answer; 0 if it says that there is none.</param>
    public bool IsCurrent(string key, ulong revision) =>
        Find(key) is { } floor ? revision >= floor : time.GetTimestamp() >= Volatile.Read(ref _doubtUntil);

    /// <summary>The newest revision of a key that is known; 0 if none is.</summary>
    public ulong FloorOf(string key) => Find(key) ?? 0;

    /// <summary>The newest revision of any key that is known; 0 if none is.</summary>
    public ulong Newest()
    {
        ulong newest = 0;
        foreach (Page page in _pages)
        {
            lock (page)
            {
                newest = Math.Max(newest, page.Newest());
            }
        }

        return newest;
    }

    /// <summary>The leader has everything up to a revision and says that what is known of a key up to there is gone.</summary>
    public void Forget(string key, ulong upTo)
    {
        ulong print = Fingerprint(key);
        Page page = PageOf(print);
        lock (page)
        {
            page.Remove(print, upTo);
        }
    }

    /// <summary>What is known of all keys up to a revision is void.</summary>
    public void ForgetAll(ulong upTo)
    {
        foreach (Page page in _pages)
        {
            lock (page)
            {
                page.RemoveAll(upTo);
            }
        }
    }

    /// <summary>What is known of all keys is void.</summary>
    public void Clear()
    {
        foreach (Page page in _pages)
        {
            lock (page)
            {
                page.Clear();
            }
        }

        Volatile.Write(ref _doubtUntil, 0);
    }

    // Zero marks an empty slot.
    private static ulong Fingerprint(string key) => KeyHash.Of(key) | 1;

    private ulong? Find(string key)
    {
        ulong print = Fingerprint(key);
        Page page = PageOf(print);
        lock (page)
        {
            return page.TryFind(print, out Slot slot) ? slot.Revision : null;
        }
    }

    private Page PageOf(ulong print) => _pages[(int)(print >> 58)];

    private void Set(string key, ulong revision, bool isOwn)
    {
        ulong print = Fingerprint(key);
        Page page = PageOf(print);
        long now = isOwn ? time.GetTimestamp() : 0;
        lock (page)
        {
            ref Slot slot = ref page.PlaceFor(print);
            if (slot.Print != print)
            {
                if (slot.Print != 0 && slot.WrittenAt != OnlySeen && time.GetElapsedTime(slot.WrittenAt) < LongestLag)
                {
                    if (!isOwn)
                    {
                        // What was only seen doesn't displace what was just written.
                        return;
                    }

                    Volatile.Write(ref _doubtUntil, now + (long)(LongestLag.TotalSeconds * time.TimestampFrequency));
                }

                slot = new Slot { Print = print, WrittenAt = OnlySeen };
            }

            if (revision >= slot.Revision)
            {
                slot.Revision = revision;
                slot.WrittenAt = isOwn ? now : slot.WrittenAt;
            }
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Slot
    {
        public ulong Print;
        public ulong Revision;

        /// <summary>The time stamp of an own write, or <see cref="OnlySeen"/>.</summary>
        public long WrittenAt;
    }

    private sealed class Page
    {
        private const int Sets = 256;

        private Slot[]? _slots;

        public bool IsEmpty => Volatile.Read(ref _slots) is null;

        public bool TryFind(ulong print, out Slot slot)
        {
            foreach (Slot candidate in SetOf(print))
            {
                if (candidate.Print == print)
                {
                    slot = candidate;
                    return true;
                }
            }

            slot = default;
            return false;
        }

        /// <summary>The slot of a fingerprint; if it has none an empty one, else one that was only seen, else the one that was written first.</summary>
        public ref Slot PlaceFor(ulong print)
        {
            _slots ??= new Slot[Sets * Ways];
            Span<Slot> set = SetOf(print);
            ref Slot victim = ref set[0];
            foreach (ref Slot slot in set)
            {
                if (slot.Print == print)
                {
                    return ref slot;
                }

                bool isBetter = victim.Print != 0 && (slot.Print == 0 || slot.WrittenAt < victim.WrittenAt);
                if (isBetter)
                {
                    victim = ref slot;
                }
            }

            return ref victim;
        }

        public void Remove(ulong print, ulong upTo)
        {
            foreach (ref Slot slot in SetOf(print))
            {
                slot = slot.Print == print && slot.Revision <= upTo ? default : slot;
            }
        }

        public void RemoveAll(ulong upTo)
        {
            foreach (ref Slot slot in _slots.AsSpan())
            {
                slot = slot.Revision <= upTo ? default : slot;
            }
        }

        public ulong Newest()
        {
            ulong newest = 0;
            foreach (Slot slot in _slots.AsSpan())
            {
                newest = Math.Max(newest, slot.Revision);
            }

            return newest;
        }

        public void Clear() => _slots = null;

        private Span<Slot> SetOf(ulong print) => _slots is null ? [] : _slots.AsSpan((int)((print >> 32) % Sets) * Ways, Ways);
    }
}

using System.Numerics;

namespace NatsKv.Watching;

/// <summary>
/// Which keys a watch has been given, as hashes: 8 bytes in a table that is between a third and three quarters full, so 11 to 24 bytes a key.
/// Pure, and not for several threads.
/// </summary>
/// <remarks>
/// <para>
/// The place of a key in a large table is seldom in the processor's cache, and waiting for it would be a third of what a message of the initial
/// data costs. So notes are gathered, and a batch of places is read in one go, which the processor does at the same time, before they are entered.
/// </para>
/// <para>
/// On a bucket where removal markers stay until somebody clears them away, the removed keys are remembered too: then the number of names the
/// server has must be the number known here, and comparing two numbers proves that nothing went in silence.
/// </para>
/// </remarks>
internal sealed class KeyCensus
{
    private const int SmallestSize = 16;
    private const int RememberedAdditions = 64;
    private const int MostReserved = 1 << 21;
    private const int BatchSize = 32;

    // Of each hash the two lowest bits tell something else: whether the key lives, and whether the server named it. A slot that is 0 is free.
    private const ulong LiveBit = 1;
    private const ulong NamedBit = 2;
    private const ulong SmallestName = 4;

    private readonly ulong[] _additions = new ulong[RememberedAdditions];
    private readonly (ulong Slot, ulong Sequence)[] _noted = new (ulong Slot, ulong Sequence)[BatchSize];
    private ulong[] _slots = new ulong[SmallestSize];
    private int _added;
    private int _notes;
    private int _count;
    private int _live;
    private ulong _warmed;

    /// <summary>Whether removed keys are remembered.</summary>
    public bool KeepsRemoved { get; private set; }

    /// <summary>How many keys are known, removed ones included if they are remembered.</summary>
    public int Count
    {
        get
        {
            EnterNotes();
            return _count;
        }
    }

    /// <summary>How many of them live.</summary>
    public int Live
    {
        get
        {
            EnterNotes();
            return _live;
        }
    }

    /// <summary>The lowest revision of a key that the server named with a value and that doesn't live here; <see cref="ulong.MaxValue"/> if there is none.</summary>
    public ulong OldestStranger { get; private set; } = ulong.MaxValue;

    /// <summary>Bytes that the table takes.</summary>
    public long Size => (long)_slots.Length * sizeof(ulong);

    /// <summary>Makes room for keys that are known to come, so that the table need not grow step by step. Only while it is empty.</summary>
    public void Reserve(long keys)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min((keys / 3 * 4) + 1, MostReserved));
        if (Count == 0 && size > _slots.Length)
        {
            _slots = new ulong[size];
        }
    }

    /// <summary>A revision of a key was handed over.</summary>
    /// <param name="hash">The key's hash.</param>
    /// <param name="isLive">Whether it has a value now.</param>
    /// <param name="sequence">The revision.</param>
    public void Note(ulong hash, bool isLive, ulong sequence)
    {
        _noted[_notes++] = (Name(hash) | (isLive ? LiveBit : 0), sequence);
        if (_notes == BatchSize)
        {
            EnterNotes();
        }
    }

    /// <summary>Whether a key lives.</summary>
    public bool IsLive(ulong hash)
    {
        EnterNotes();
        return (_slots[Find(hash)] & LiveBit) != 0;
    }

    /// <summary>How many keys became known after a sequence; <see langword="null"/> when that was too many to say.</summary>
    public int? AddedAfter(ulong sequence)
    {
        EnterNotes();
        int remembered = Math.Min(_added, RememberedAdditions);
        int after = 0;
        for (int i = 0; i < remembered; i++)
        {
            after += Bit(_additions[i] > sequence);
        }

        return after == RememberedAdditions && _added > RememberedAdditions ? null : after;
    }

    /// <summary>Begins to compare with the names that the server has; nothing is noted until that is done.</summary>
    public void BeginLook()
    {
        EnterNotes();
        foreach (ref ulong slot in _slots.AsSpan())
        {
            slot &= ~NamedBit;
        }

        OldestStranger = ulong.MaxValue;
    }

    /// <summary>The server has a name.</summary>
    /// <param name="hash">The key's hash.</param>
    /// <param name="isLive">Whether the key has a value there.</param>
    /// <param name="sequence">Its latest revision there.</param>
    public void Named(ulong hash, bool isLive, ulong sequence)
    {
        ref ulong slot = ref _slots[Find(hash)];
        if (isLive && (slot & LiveBit) == 0)
        {
            OldestStranger = Math.Min(OldestStranger, sequence);
        }

        slot |= slot == 0 ? 0 : NamedBit;
    }

    /// <summary>The live keys that the server didn't name.</summary>
    public HashSet<ulong> LiveUnnamed()
    {
        var unnamed = new HashSet<ulong>();
        foreach (ulong slot in _slots)
        {
            if ((slot & (LiveBit | NamedBit)) == LiveBit)
            {
                unnamed.Add(Name(slot));
            }
        }

        return unnamed;
    }

    /// <summary>Forgets the removed keys that the server didn't name: their markers were cleared away.</summary>
    public void ForgetRemovedUnnamed()
    {
        ulong[] before = _slots;
        _slots = new ulong[before.Length];
        _count = 0;
        foreach (ulong slot in before)
        {
            if ((slot & (LiveBit | NamedBit)) != 0)
            {
                _slots[Find(slot)] = slot;
                _count++;
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    /// <param name="keepsRemoved">Whether removed keys are remembered from now on.</param>
    public void Clear(bool keepsRemoved)
    {
        KeepsRemoved = keepsRemoved;
        _slots = new ulong[SmallestSize];
        _added = 0;
        _notes = 0;
        _count = 0;
        _live = 0;
    }

    private void EnterNotes()
    {
        ReadOnlySpan<(ulong Slot, ulong Sequence)> notes = _noted.AsSpan(0, _notes);
        _notes = 0;
        ulong warmed = 0;
        foreach ((ulong slot, _) in notes)
        {
            warmed ^= _slots[Home(slot)];
        }

        // Kept, so that nobody can leave the reading out.
        _warmed = warmed;
        foreach ((ulong slot, ulong sequence) in notes)
        {
            Enter(slot, sequence);
        }
    }

    private void Enter(ulong noted, ulong sequence)
    {
        int slot = Find(noted);
        ulong present = _slots[slot];
        bool isLive = (noted & LiveBit) != 0;
        if (isLive || KeepsRemoved)
        {
            _slots[slot] = noted;
            _live += Bit(isLive) - Bit((present & LiveBit) != 0);
            if (present == 0)
            {
                _count++;
                _additions[_added++ & (RememberedAdditions - 1)] = sequence;
                GrowIfFull();
            }
        }
        else if (present != 0)
        {
            _live -= Bit((present & LiveBit) != 0);
            _count--;
            Free(slot);
        }
    }

    private static ulong Name(ulong hash) => Math.Max(hash & ~(LiveBit | NamedBit), SmallestName);

    private static int Bit(bool value) => value ? 1 : 0;

    // The hash's highest bits choose the place, so that a table of double size keeps the order and growing needs no search.
    private int Home(ulong slot) => (int)(slot >> (BitOperations.LeadingZeroCount((ulong)_slots.Length) + 1));

    private int Find(ulong hash)
    {
        ulong name = Name(hash);
        int slot = Home(name);
        while (_slots[slot] is var present and not 0 && Name(present) != name)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        return slot;
    }

    private void GrowIfFull()
    {
        if (_count <= _slots.Length / 4 * 3)
        {
            return;
        }

        ulong[] before = _slots;
        _slots = new ulong[before.Length * 2];
        foreach (ulong slot in before)
        {
            if (slot != 0)
            {
                _slots[Find(slot)] = slot;
            }
        }
    }

    // What follows without a gap may have been put there only because this place was taken.
    private void Free(int slot)
    {
        int mask = _slots.Length - 1;
        for (int next = (slot + 1) & mask; _slots[next] != 0; next = (next + 1) & mask)
        {
            if (((next - Home(_slots[next])) & mask) >= ((next - slot) & mask))
            {
                _slots[slot] = _slots[next];
                slot = next;
            }
        }

        _slots[slot] = 0;
    }
}

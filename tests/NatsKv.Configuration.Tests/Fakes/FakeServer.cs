using System.Text;

namespace NatsKv.Configuration.Tests.Fakes;

/// <summary>A server in memory: one bucket, watches that are called inline, and switches for what goes wrong.</summary>
internal sealed class FakeServer
{
    private readonly Lock _gate = new();
    private readonly List<FakeWatch> _watches = [];
    private readonly Dictionary<string, FakeEntry> _entries = new(StringComparer.Ordinal);
    private ulong _revision;

    /// <summary>Why watches don't start, as long as it is set.</summary>
    public Exception? Trouble { get; set; }

    /// <summary>Whether a watch that starts gets its initial data at once, on the thread that starts it.</summary>
    public bool Delivers { get; set; } = true;

    public int ClientsMade { get; set; }

    public int OpenHandles { get; set; }

    public int WatchesStarted { get; private set; }

    public int RunningWatches
    {
        get
        {
            lock (_gate)
            {
                return _watches.Count;
            }
        }
    }

    public FakeClient Connect()
    {
        ClientsMade++;
        return new FakeClient(this);
    }

    public void Put(string key, string value, string? headers = null) => Put(key, Encoding.UTF8.GetBytes(value), headers);

    public void Put(string key, byte[] value, string? headers = null) => Store(key, value, NatsKvOperation.Put, headers);

    public void Delete(string key) => Store(key, [], NatsKvOperation.Delete, null);

    public void Purge(string key) => Store(key, [], NatsKvOperation.Purge, null);

    /// <summary>Makes the bucket anew with other content.</summary>
    public void Recreate(params (string Key, string Value)[] content)
    {
        _entries.Clear();
        _revision = 0;
        foreach (FakeWatch watch in Snapshot())
        {
            watch.Handler.OnReset();
        }

        foreach ((string key, string value) in content)
        {
            Put(key, value);
        }
    }

    public void CompleteAll()
    {
        foreach (FakeWatch watch in Snapshot())
        {
            watch.Handler.OnInitialDataComplete();
        }
    }

    public void Interrupt(Exception cause)
    {
        foreach (FakeWatch watch in Snapshot())
        {
            watch.Handler.OnInterrupted(cause);
        }
    }

    /// <summary>The trouble is over: what is there is delivered to the watches that wait.</summary>
    public void Appear()
    {
        FakeWatch[] waiting;
        lock (_gate)
        {
            Trouble = null;
            waiting = [.. _watches];
        }

        foreach (FakeWatch watch in waiting)
        {
            Deliver(watch);
        }
    }

    internal FakeWatch Start(INatsKvWatchHandler handler, NatsKvWatchOptions options)
    {
        var watch = new FakeWatch(this, handler, options.Filters[0]);
        Exception? present;
        lock (_gate)
        {
            // Whoever ends the trouble delivers to the watches that have met it, and to no other.
            present = Trouble;
            WatchesStarted++;
            _watches.Add(watch);
        }

        if (present is { } trouble)
        {
            handler.OnInterrupted(trouble);
        }
        else if (Delivers)
        {
            Deliver(watch);
        }

        return watch;
    }

    internal void Remove(FakeWatch watch)
    {
        lock (_gate)
        {
            _watches.Remove(watch);
        }
    }

    private FakeWatch[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _watches];
        }
    }

    private void Deliver(FakeWatch watch)
    {
        foreach ((string key, FakeEntry entry) in _entries.OrderBy(static pair => pair.Value.Revision))
        {
            watch.Send(key, entry);
        }

        watch.Handler.OnInitialDataComplete();
    }

    private void Store(string key, byte[] value, NatsKvOperation operation, string? headers)
    {
        var entry = new FakeEntry(value, ++_revision, operation, headers);
        _entries[key] = entry;
        foreach (FakeWatch watch in Snapshot())
        {
            watch.Send(key, entry);
        }
    }
}

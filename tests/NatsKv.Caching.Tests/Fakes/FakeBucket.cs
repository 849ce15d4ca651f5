using System.Buffers;
using System.Text;

namespace NatsKv.Caching.Tests.Fakes;

/// <summary>A bucket with history 1 and limit markers whose clock a test moves. It does what a server does with TTLs and expected revisions.</summary>
public sealed class FakeBucket(string name, TimeProvider clock) : INatsKvBucket, INatsKvBlockingBucket
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FakeEntry> _entries = new(StringComparer.Ordinal);
    private ulong _revision;

    public string Name => name;

    public INatsKvBlockingBucket Blocking => this;

    public NatsKvBucketConfig Config { get; set; } = new() { Bucket = name, LimitMarkerTtl = TimeSpan.FromSeconds(60) };

    public bool AllowsKeyTtl { get; set; } = true;

    public int MaxPayload { get; set; } = 1024 * 1024;

    public int Reads { get; private set; }

    /// <summary>How many puts took effect.</summary>
    public int Puts { get; private set; }

    public bool IsGone { get; set; }

    /// <summary>Runs before a put takes effect, outside the lock.</summary>
    public Func<string, NatsKvWriteOptions, Task>? BeforePut { get; set; }

    /// <summary>Runs after a read has its answer and before the caller gets it.</summary>
    public Func<string, Task>? AfterRead { get; set; }

    public Exception? PurgeFailure { get; set; }

    public FakeEntry? Peek(string key)
    {
        lock (_lock)
        {
            return Current(key);
        }
    }

    public string? HeaderOf(string key, string header)
    {
        if (Peek(key) is not { } entry)
        {
            return null;
        }

        var block = new NatsKvHeaderBlock(entry.Headers);
        return block.TryGet(Encoding.ASCII.GetBytes(header), out ReadOnlySpan<byte> value) ? Encoding.ASCII.GetString(value) : null;
    }

    /// <summary>Stores what another client would.</summary>
    public ulong Plant(string key, byte[] value, string? kvc = null, TimeSpan? ttl = null, DateTimeOffset? created = null)
    {
        lock (_lock)
        {
            byte[] headers = kvc is null ? [] : Encoding.ASCII.GetBytes($"NATS/1.0\r\nKvc: {kvc}\r\n\r\n");
            _entries[key] = new FakeEntry(value, headers, ++_revision, created ?? clock.GetUtcNow(), ttl, NatsKvOperation.Put);
            return _revision;
        }
    }

    public TResult? Read<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options = default, CancellationToken cancellationToken = default)
    {
        ThrowIfGone();
        FakeEntry? entry;
        lock (_lock)
        {
            Reads++;
            entry = Current(key);
        }

        if (entry is null || (entry.Operation != NatsKvOperation.Put && !options.IncludeDeleted))
        {
            return default;
        }

        return reader(
            new NatsKvEntryView
            {
                Bucket = name,
                Key = key,
                Value = entry.Value,
                Headers = new NatsKvHeaderBlock(entry.Headers),
                Revision = entry.Revision,
                Created = entry.Created,
                Operation = entry.Operation,
            },
            state);
    }

    public async ValueTask<TResult?> ReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options = default, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TResult? result = Read(key, state, reader, options, cancellationToken);
        if (AfterRead is { } after)
        {
            await after(key);
        }

        return result;
    }

    public ulong Put(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default)
    {
        ThrowIfGone();
        byte[] headers = Headers(options);
        long size = value.Length + headers.Length;
        if (size > MaxPayload)
        {
            throw new NatsKvValueTooLargeException(name, key, size, MaxPayload);
        }

        lock (_lock)
        {
            ulong revision = Write(key, value.ToArray(), headers, options, NatsKvOperation.Put);
            Puts++;
            return revision;
        }
    }

    public async ValueTask<ulong> PutAsync(
        string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[] taken = value.ToArray();
        if (BeforePut is { } before)
        {
            await before(key, options).WaitAsync(cancellationToken);
        }

        return Put(key, new ReadOnlySequence<byte>(taken), options, cancellationToken);
    }

    public ulong Purge(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default)
    {
        ThrowIfGone();
        if (PurgeFailure is { } failure)
        {
            throw failure;
        }

        lock (_lock)
        {
            return Write(key, [], [], options, NatsKvOperation.Purge);
        }
    }

    public ValueTask<ulong> PurgeAsync(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Purge(key, options, cancellationToken));
    }

    public ValueTask<NatsKvBucketStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfGone();
        return ValueTask.FromResult(Status());
    }

    public NatsKvBucketStatus Status() => new()
    {
        Bucket = name,
        Created = DateTimeOffset.UnixEpoch,
        Config = Config,
        Keys = _entries.Count,
        Values = _entries.Count,
        Bytes = 0,
        LastRevision = _revision,
        AllowsKeyTtl = AllowsKeyTtl,
        AllowsDirectGet = true,
    };

    public ValueTask<NatsKvEntry?> GetRevisionAsync(string key, ulong revision, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<NatsKvWriteResult> TryWriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public ValueTask<NatsKvWriteResult> TryCreateAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public ValueTask<long> EraseAsync(NatsKvErasure what = default, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<ulong> DeleteAsync(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<NatsKvWatchEvent> WatchAsync(NatsKvWatchOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public INatsKvWatch StartWatch(INatsKvWatchHandler handler, NatsKvWatchOptions? options = null) => throw new NotSupportedException();

    private static byte[] Headers(NatsKvWriteOptions options)
    {
        var text = new StringBuilder("NATS/1.0\r\n");
        foreach (KeyValuePair<string, string> header in options.Headers ?? [])
        {
            text.Append($"{header.Key}: {header.Value}\r\n");
        }

        if (options.TimeToLive is { } ttl)
        {
            text.Append($"Nats-TTL: {Math.Ceiling(ttl.TotalSeconds)}\r\n");
        }

        if (options.ExpectedRevision is { } expected)
        {
            text.Append($"Nats-Expected-Last-Subject-Sequence: {expected}\r\n");
        }

        return Encoding.ASCII.GetBytes(text.Append("\r\n").ToString());
    }

    private ulong Write(string key, byte[] value, byte[] headers, NatsKvWriteOptions options, NatsKvOperation operation)
    {
        ulong present = Current(key)?.Revision ?? 0;
        if (options.ExpectedRevision is { } expected && expected != present)
        {
            throw new NatsKvRevisionMismatchException(name, key, expected, present);
        }

        _entries[key] = new FakeEntry(value, headers, ++_revision, clock.GetUtcNow(), options.TimeToLive, operation);
        return _revision;
    }

    // An expired value leaves a marker with a revision of its own; an expired marker leaves nothing.
    private FakeEntry? Current(string key)
    {
        if (_entries.TryGetValue(key, out FakeEntry? entry) && entry.Ttl is { } ttl && clock.GetUtcNow() >= entry.Created + ttl)
        {
            if (entry.Operation == NatsKvOperation.Put)
            {
                entry = new FakeEntry([], [], ++_revision, entry.Created + ttl, Config.LimitMarkerTtl, NatsKvOperation.Purge);
                _entries[key] = entry;
                return Current(key);
            }

            _entries.Remove(key);
            return null;
        }

        return entry;
    }

    private void ThrowIfGone()
    {
        if (IsGone)
        {
            throw new NatsKvBucketNotFoundException(name);
        }
    }
}

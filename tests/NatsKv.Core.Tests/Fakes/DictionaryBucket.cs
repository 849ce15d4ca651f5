using System.Buffers;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace NatsKv.Tests.Fakes;

// <snippet:fake>
/// <summary>A bucket in memory, as a test of an application may want it. It keeps every revision, and knows neither limits nor time to live.</summary>
public sealed class DictionaryBucket(string name) : INatsKvBucket, INatsKvBlockingBucket
{
    private readonly Lock _lock = new();
    private readonly List<NatsKvEntry> _entries = [];   // in the order of their revisions
    private readonly List<DictionaryWatch> _watches = [];
    private ulong _revision;

    public string Name => name;

    public INatsKvBlockingBucket Blocking => this;

    public TResult? Read<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options = default, CancellationToken cancellationToken = default)
    {
        NatsKvEntry? entry = Latest(key);
        return entry is not null && (options.IncludeDeleted || entry.Operation == NatsKvOperation.Put) ? reader(DictionaryWatch.View(entry), state) : default;
    }

    public ValueTask<NatsKvWriteResult> TryWriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        new(TryWrite(operation, key, value, options));

    public ValueTask<NatsKvWriteResult> TryCreateAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(Latest(key) is { Operation: NatsKvOperation.Put } there
                ? new NatsKvWriteResult(false, there.Revision)
                : TryWrite(NatsKvOperation.Put, key, value, options));
        }
    }

    private NatsKvWriteResult TryWrite(NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options)
    {
        lock (_lock)
        {
            ulong latest = Latest(key)?.Revision ?? 0;
            if (options.ExpectedRevision is { } expected && expected != latest)
            {
                return new NatsKvWriteResult(false, latest);
            }

            _entries.RemoveAll(entry => operation == NatsKvOperation.Purge && entry.Key == key);
            var entry = new NatsKvEntry { Bucket = name, Key = key, Value = value.ToArray(), Revision = ++_revision, Created = DateTimeOffset.UtcNow, Operation = operation };
            _entries.Add(entry);
            _watches.ForEach(watch => watch.Tell(entry));
            return new NatsKvWriteResult(true, entry.Revision);
        }
    }

    private NatsKvEntry? Latest(string key)
    {
        lock (_lock)
        {
            return _entries.FindLast(entry => entry.Key == key);
        }
    }
    // </snippet:fake>

    public INatsKvWatch StartWatch(INatsKvWatchHandler handler, NatsKvWatchOptions? options = null)
    {
        lock (_lock)
        {
            var watch = new DictionaryWatch(handler, options ?? new NatsKvWatchOptions(), Unsubscribe);
            watch.Begin(_entries);
            _watches.Add(watch);
            return watch;
        }
    }

    public async IAsyncEnumerable<NatsKvWatchEvent> WatchAsync(
        NatsKvWatchOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var events = Channel.CreateUnbounded<NatsKvWatchEvent>();
        using INatsKvWatch watch = StartWatch(new ChannelHandler(events.Writer), options);
        await foreach (NatsKvWatchEvent item in events.Reader.ReadAllAsync(cancellationToken))
        {
            yield return item;
        }
    }

    public ValueTask<long> EraseAsync(NatsKvErasure what = default, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            List<NatsKvEntry> matching = _entries.FindAll(entry => DictionaryWatch.Matches(what.Filter ?? ">", entry.Key) && entry.Revision < (what.Before ?? ulong.MaxValue));
            return new(matching.SkipLast(what.Keep ?? 0).Count(_entries.Remove));
        }
    }

    public ValueTask<NatsKvBucketStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(new NatsKvBucketStatus
            {
                Bucket = name,
                Created = DateTimeOffset.UnixEpoch,
                Config = new NatsKvBucketConfig { Bucket = name },
                Keys = _entries.DistinctBy(static entry => entry.Key).Count(),
                Values = _entries.Count,
                Bytes = _entries.Sum(static entry => entry.Size),
                LastRevision = _revision,
                AllowsKeyTtl = true,
                AllowsDirectGet = true,
            });
        }
    }

    public ValueTask<NatsKvEntry?> GetRevisionAsync(string key, ulong revision, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_entries.Find(entry => entry.Key == key && entry.Revision == revision));
        }
    }

    public ValueTask<TResult?> ReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options = default, CancellationToken cancellationToken = default) =>
        new(Read(key, state, reader, options, cancellationToken));

    public ulong Put(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        Write(NatsKvOperation.Put, key, value, options);

    public ulong Purge(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        Write(NatsKvOperation.Purge, key, default, options);

    public ValueTask<ulong> PutAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        new(Write(NatsKvOperation.Put, key, value, options));

    public ValueTask<ulong> DeleteAsync(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        new(Write(NatsKvOperation.Delete, key, default, options));

    public ValueTask<ulong> PurgeAsync(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        new(Write(NatsKvOperation.Purge, key, default, options));

    private ulong Write(NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options)
    {
        (bool isStored, ulong revision) = TryWrite(operation, key, value, options);
        return isStored ? revision : throw new NatsKvRevisionMismatchException(name, key, options.ExpectedRevision!.Value, revision);
    }

    private void Unsubscribe(DictionaryWatch watch)
    {
        lock (_lock)
        {
            _watches.Remove(watch);
        }
    }

    private sealed class ChannelHandler(ChannelWriter<NatsKvWatchEvent> events) : INatsKvWatchHandler
    {
        public void OnEntry(NatsKvEntryView entry) => events.TryWrite(new(NatsKvWatchEventKind.Entry, entry.ToEntry()));

        public void OnInitialDataComplete() => events.TryWrite(new(NatsKvWatchEventKind.InitialDataComplete));

        public void OnReset() => events.TryWrite(new(NatsKvWatchEventKind.Reset));

        public void OnInterrupted(Exception cause) => events.TryComplete(cause);
    }
}

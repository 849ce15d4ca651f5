using System.Collections;
using System.Diagnostics.CodeAnalysis;
using NatsKv.Views;

namespace NatsKv;

/// <summary>
/// A bucket's keys with a value, or those that some filters match, in memory and kept up to date by a watch. Reads ask nobody and take no
/// lock, from any thread.
/// </summary>
/// <remarks>
/// It is empty until its first content is complete: <see cref="WaitForStateAsync"/> with <see cref="NatsKvWatchState.Following"/> waits for
/// that. When the bucket is made anew or set back, readers see the old content until the new one is complete, and then that. A key that
/// expires on a bucket without limit markers stays until then too, because no server tells.
/// </remarks>
public sealed class NatsKvView : IReadOnlyDictionary<string, NatsKvEntry>, IAsyncDisposable, IDisposable
{
    private readonly ViewContent _content;
    private readonly INatsKvWatch _watch;

    private NatsKvView(string bucket, ViewContent content, INatsKvWatch watch)
    {
        Bucket = bucket;
        _content = content;
        _watch = watch;
    }

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }

    /// <summary>How the watch under the view stands; its <see cref="NatsKvWatchStatus.LastRevision"/> is the one that the view contains.</summary>
    public NatsKvWatchStatus Status => _watch.Status;

    /// <summary>How many keys the view holds.</summary>
    public int Count => _content.Current.Count;

    /// <summary>The keys, in no order.</summary>
    public IEnumerable<string> Keys => _content.Current.Select(static pair => pair.Key);

    /// <summary>The entries, in no order.</summary>
    public IEnumerable<NatsKvEntry> Values => _content.Current.Select(static pair => pair.Value);

    /// <summary>The latest revision of a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The entry.</returns>
    /// <exception cref="KeyNotFoundException">The view doesn't hold the key.</exception>
    public NatsKvEntry this[string key] => TryGetValue(key, out NatsKvEntry? entry)
        ? entry
        : throw new KeyNotFoundException($"The view of bucket '{Bucket}' holds no key '{key}'.");

    /// <summary>The latest revision of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The entry.</param>
    /// <returns>Whether the view holds the key.</returns>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out NatsKvEntry value) => _content.Current.TryGetValue(key, out value);

    /// <summary>Whether the view holds a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it does.</returns>
    public bool ContainsKey(string key) => _content.Current.ContainsKey(key);

    /// <inheritdoc cref="INatsKvWatch.WaitForStateAsync"/>
    public ValueTask<NatsKvWatchStatus> WaitForStateAsync(NatsKvWatchState state, CancellationToken cancellationToken = default) =>
        _watch.WaitForStateAsync(state, cancellationToken);

    /// <summary>Waits until the view contains everything up to a revision, as a write returned it.</summary>
    /// <inheritdoc cref="INatsKvWatch.WaitForRevisionAsync"/>
    public ValueTask WaitForRevisionAsync(ulong revision, CancellationToken cancellationToken = default) =>
        _watch.WaitForRevisionAsync(revision, cancellationToken);

    /// <summary>The keys and entries, in no order. What changes meanwhile may or may not be among them.</summary>
    /// <returns>The enumerator.</returns>
    public IEnumerator<KeyValuePair<string, NatsKvEntry>> GetEnumerator() => _content.Current.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Stops following. The content stays as it is.</summary>
    public void Dispose() => _watch.Dispose();

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => _watch.DisposeAsync();

    internal static NatsKvView Start(INatsKvBucket bucket, NatsKvWatchOptions options, Action<NatsKvViewChange>? onChange)
    {
        if (options is not { IncludeHistory: false, UpdatesOnly: false, IgnoreDeletes: false, FromRevision: null })
        {
            throw new ArgumentException(
                "A view holds the latest revision of each key: leave IncludeHistory, UpdatesOnly, IgnoreDeletes and FromRevision at their defaults.", nameof(options));
        }

        var content = new ViewContent(onChange);
        return new NatsKvView(bucket.Name, content, bucket.StartWatch(content, options));
    }
}

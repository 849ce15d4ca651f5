using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>Reads that only the leader of the bucket's stream answers.</summary>
internal sealed class LeaderReads(BucketContext context)
{
    private const int MostAttempts = 3;
    private const int MostLooks = 20;
    private const int Unavailable = 503;

    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(250);

    public async ValueTask<TResult?> ReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CallDeadline deadline)
    {
        StoredMessage? message = await GetLatestAsync(key, deadline).ConfigureAwait(false);
        if ((message?.Sequence ?? 0) < Needed(key, options))
        {
            // That may be right: the newer revision has been removed, or is another key's. Who has everything up to it knows.
            ulong known = await WaitForLeaderAsync(key, options, deadline).ConfigureAwait(false);
            message = await GetLatestAsync(key, deadline).ConfigureAwait(false);
            if ((message?.Sequence ?? 0) < context.Floors?.FloorOf(key))
            {
                context.Floors?.Forget(key, known);
            }
        }

        if (message is null)
        {
            return default;
        }

        context.Floors?.Seen(key, message.Sequence);
        NatsKvEntryView view = View(key, message);
        return view.Operation == NatsKvOperation.Put || options.IncludeDeleted ? reader(view, state) : default;
    }

    public async ValueTask<NatsKvEntry?> GetRevisionAsync(string key, ulong revision, CallDeadline deadline)
    {
        // By number alone: with the subject added, the server answers with the next revision of the key when this one is gone.
        StoredMessage? message = await GetStoredAsync(new MessageGetRequest { Sequence = revision }, deadline).ConfigureAwait(false);
        return message is not null && message.Subject == context.Subjects.KeyPrefix + key ? View(key, message).ToEntry() : null;
    }

    /// <summary>A new leader may not have taken in everything yet, and one that has been deposed doesn't know it for some seconds.</summary>
    /// <returns>Up to where the leader has everything.</returns>
    /// <exception cref="NatsKvServerException">No leader with that revision within the time; transient.</exception>
    private async ValueTask<ulong> WaitForLeaderAsync(string key, NatsKvReadOptions options, CallDeadline deadline)
    {
        for (int attempt = 1; ; attempt++)
        {
            ulong? known = await GetLastSequenceAsync(deadline).ConfigureAwait(false);

            // Asked anew each time: the bucket may turn out to be another one, whose revisions have begun anew.
            ulong revision = Needed(key, options);
            if (known >= revision)
            {
                return known.Value;
            }

            if (attempt == MostLooks || deadline.Left <= deadline.Length / 4)
            {
                if (await TryBelieveAsync(options, known, revision, deadline).ConfigureAwait(false) is { } believed)
                {
                    return believed;
                }

                throw new NatsKvServerException(
                    Unavailable, 0, $"No server that leads bucket '{context.Subjects.Bucket}' has revision {revision}, which the read of key '{key}' must not be older than.");
            }

            await context.Exchange.PauseAsync(LookPause, deadline).ConfigureAwait(false);
        }
    }

    /// <summary>Up to where the leader has everything, as far as can be known; <see langword="null"/> if there is none just now.</summary>
    private async ValueTask<ulong?> GetLastSequenceAsync(CallDeadline deadline)
    {
        if (!context.MayAsk)
        {
            StoredMessage? newest = await GetStoredAsync(new MessageGetRequest { LastBySubject = context.Subjects.KeyPrefix + ">" }, deadline).ConfigureAwait(false);
            return newest?.Sequence ?? 0;
        }

        StreamInfoResponse info = await context.GetInfoAsync(deadline).ConfigureAwait(false);
        return info.IsLeaderless ? null : info.State.LastSequence;
    }

    // The leader keeps to it that it has less than was noted.
    private async ValueTask<ulong?> TryBelieveAsync(NatsKvReadOptions options, ulong? known, ulong revision, CallDeadline deadline)
    {
        if (!context.MayAsk)
        {
            // The newest revision may have been removed, and nothing tells; what the caller demands stays in force.
            return options.AtLeastRevision <= known ? revision : null;
        }

        StreamInfoResponse info = await context.AskLeaderAsync(deadline).ConfigureAwait(false);
        return info.State.LastSequence >= options.AtLeastRevision && context.Floors?.TryDisown() is true ? info.State.LastSequence : null;
    }

    private ulong Needed(string key, in NatsKvReadOptions options) => Math.Max(options.AtLeastRevision, context.Floors?.FloorOf(key) ?? 0);

    private ValueTask<StoredMessage?> GetLatestAsync(string key, CallDeadline deadline) =>
        GetStoredAsync(new MessageGetRequest { LastBySubject = context.Subjects.KeyPrefix + key }, deadline);

    private async ValueTask<StoredMessage?> GetStoredAsync(MessageGetRequest request, CallDeadline deadline)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await context.GetStoredAsync(request, deadline).ConfigureAwait(false);
            }
            catch (NatsKvConnectionException exception) when (exception.Failure == NatsKvConnectionFailure.Lost && attempt < MostAttempts)
            {
                // It changes nothing there, so a request that a breaking connection swallowed is sent again.
            }
        }
    }

    private NatsKvEntryView View(string key, StoredMessage message) => new()
    {
        Bucket = context.Subjects.Bucket,
        Key = key,
        Value = message.Data,
        Headers = new NatsKvHeaderBlock(message.Headers),
        Revision = message.Sequence,
        Created = message.Time,
        Operation = StoredHeaders.Read(message.Headers).Operation,
    };
}

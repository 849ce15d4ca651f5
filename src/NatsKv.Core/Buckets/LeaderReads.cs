using NatsKv.JetStream;
using NatsKv.Keys;

namespace NatsKv.Buckets;

/// <summary>Reads that only the leader of the bucket's stream answers.</summary>
internal sealed class LeaderReads(BucketContext context)
{
    private const int MostAttempts = 3;
    private const int Unavailable = 503;

    public async ValueTask<TResult?> ReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken)
    {
        StoredMessage? message = await GetLatestAsync(key, cancellationToken).ConfigureAwait(false);
        ulong revision = message?.Sequence ?? 0;
        if (context.Floors?.IsBelow(key, revision) is true)
        {
            await ConfirmLeaderAsync(key, cancellationToken).ConfigureAwait(false);
            message = await GetLatestAsync(key, cancellationToken).ConfigureAwait(false);
            context.Floors?.Forget(key);
        }

        if (message is null)
        {
            return default;
        }

        context.Floors?.Seen(key, message.Sequence);
        NatsKvEntryView view = View(key, message);
        return view.Operation == NatsKvOperation.Put || options.IncludeDeleted ? reader(view, state) : default;
    }

    public async ValueTask<NatsKvEntry?> GetRevisionAsync(string key, ulong revision, CancellationToken cancellationToken)
    {
        KeyRules.ThrowIfNotKey(key);
        if (revision == 0)
        {
            return null;
        }

        // By number alone: with the subject added, the server answers with the next revision of the key when this one is gone.
        StoredMessage? message = await GetStoredAsync(new MessageGetRequest { Sequence = revision }, cancellationToken).ConfigureAwait(false);
        return message is not null && message.Subject == context.Subjects.KeyPrefix + key ? View(key, message).ToEntry() : null;
    }

    /// <summary>
    /// The answer is older than what this process knows of the key. That may be right: the newer revision has been removed. Or it came from a
    /// leader that has been deposed and doesn't know it yet, which then lacks everything newer.
    /// </summary>
    /// <exception cref="NatsKvServerException">It is such a leader; transient.</exception>
    private async ValueTask ConfirmLeaderAsync(string key, CancellationToken cancellationToken)
    {
        StreamInfoResponse info = await context.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        bool isBehind = context.Floors?.IsBelow(key, info.State.LastSequence) is true;
        if (info.IsLeaderless || isBehind)
        {
            throw new NatsKvServerException(
                Unavailable, 0, $"The server that answers for bucket '{context.Subjects.Bucket}' lacks the latest revision of key '{key}': it leads no more, or not yet.");
        }
    }

    private ValueTask<StoredMessage?> GetLatestAsync(string key, CancellationToken cancellationToken) =>
        GetStoredAsync(new MessageGetRequest { LastBySubject = context.Subjects.KeyPrefix + key }, cancellationToken);

    private async ValueTask<StoredMessage?> GetStoredAsync(MessageGetRequest request, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                MessageGetResponse response = await context.Api.AskAsync(
                    $"STREAM.MSG.GET.{context.Subjects.Stream}",
                    request,
                    JetStreamJsonContext.Default.MessageGetRequest,
                    JetStreamJsonContext.Default.MessageGetResponse,
                    cancellationToken).ConfigureAwait(false);
                return response.Error switch
                {
                    null => response.Message,
                    { ErrorCode: ErrorCodes.NoMessageFound } => null,
                    { } error => throw ApiErrors.ToException(error, context.Subjects.Bucket),
                };
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

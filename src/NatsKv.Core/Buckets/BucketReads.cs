using System.Runtime.CompilerServices;
using System.Text;
using NatsKv.JetStream;
using NatsKv.Keys;
using NatsKv.Transport;
using NatsKv.Wire;

namespace NatsKv.Buckets;

/// <summary>Reading keys: from whichever replica answers where the bucket allows it, else from the leader.</summary>
internal sealed class BucketReads(BucketContext context)
{
    private const int NotFound = 404;
    private const int NobodyThere = 503;
    private const int MostAttempts = 3;

    public ValueTask<TResult?> ReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken)
    {
        KeyRules.ThrowIfNotKey(key);
        ArgumentNullException.ThrowIfNull(reader);
        return options.FromLeader || context.HasNoDirectGet
            ? ReadFromLeaderAsync(key, state, reader, options, cancellationToken)
            : ReadDirectAsync(key, state, reader, options, cancellationToken);
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TResult?> ReadDirectAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken)
    {
        var request = new NatsOutgoingMessage(new NatsSubject(context.Subjects.DirectGetPrefix, key));
        using (NatsMessage reply = await RequestAgainAsync(request, cancellationToken).ConfigureAwait(false))
        {
            int status = HeaderDecoder.Status(reply.Headers.Bytes);
            switch (status)
            {
                case 0:
                    return Decode(key, reply, state, reader, options.IncludeDeleted);
                case NotFound:
                    return default;
                case NobodyThere:
                    break;
                default:
                    string text = Encoding.UTF8.GetString(HeaderDecoder.StatusText(reply.Headers.Bytes));
                    throw new NatsKvServerException(status, 0, $"The server refuses to read key '{key}' of bucket '{context.Subjects.Bucket}': {text} ({status}).");
            }
        }

        // No bucket, no direct get on it, or no replica that is up to date: the leader knows which.
        TResult? result = await ReadFromLeaderAsync(key, state, reader, options, cancellationToken).ConfigureAwait(false);
        context.HasNoDirectGet = !(await context.GetInfoAsync(cancellationToken).ConfigureAwait(false)).Config!.AllowDirect;
        return result;
    }

    private async ValueTask<TResult?> ReadFromLeaderAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken)
    {
        var request = new MessageGetRequest { LastBySubject = context.Subjects.KeyPrefix + key };
        StoredMessage? message = await GetStoredAsync(request, cancellationToken).ConfigureAwait(false);
        if (message is null)
        {
            return default;
        }

        NatsKvEntryView view = View(key, message);
        return view.Operation == NatsKvOperation.Put || options.IncludeDeleted ? reader(view, state) : default;
    }

    // Asking for a stored message changes nothing, so a request that a breaking connection swallowed is sent again.
    private async ValueTask<NatsMessage> RequestAgainAsync(NatsOutgoingMessage request, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await context.Exchange.RequestAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (NatsKvConnectionException exception) when (exception.Failure == NatsKvConnectionFailure.Lost && attempt < MostAttempts)
            {
                // The next attempt waits for the new connection.
            }
        }
    }

    private TResult? Decode<TState, TResult>(
        string key, in NatsMessage reply, TState state, NatsKvEntryReader<TState, TResult> reader, bool includeDeleted)
    {
        StoredHeaders headers = StoredHeaders.Read(reply.Headers.Bytes);
        if (headers.Operation != NatsKvOperation.Put && !includeDeleted)
        {
            return default;
        }

        return reader(
            new NatsKvEntryView
            {
                Bucket = context.Subjects.Bucket,
                Key = key,
                Value = reply.Payload.Span,
                Headers = reply.Headers,
                Revision = headers.Sequence,
                Created = headers.Time,
                Operation = headers.Operation,
            },
            state);
    }

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
                // As above.
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

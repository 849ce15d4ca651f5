using System.Text;
using NatsKv.Connection;
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

    public INatsTransport Transport => context.Transport;

    public ValueTask<TResult?> ReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken)
    {
        KeyRules.ThrowIfNotKey(key);
        ArgumentNullException.ThrowIfNull(reader);
        return options.FromLeader || context.HasNoDirectGet
            ? ReadFromLeaderAsync(key, state, reader, options, cancellationToken)
            : ReadDirectAsync(key, state, reader, options, cancellationToken);
    }

    /// <summary>The same for a caller that awaits it: without the allocations of an async method, and off the connection's thread afterwards.</summary>
    public ValueTask<TResult?> StartReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken)
    {
        KeyRules.ThrowIfNotKey(key);
        ArgumentNullException.ThrowIfNull(reader);
        return options.FromLeader || context.HasNoDirectGet
            ? ConnectionThread.LeaveAfter(ReadFromLeaderAsync(key, state, reader, options, cancellationToken))
            : ReadOperation<TState, TResult>.Start(this, key, state, reader, options, cancellationToken);
    }

    /// <summary>What asks any replica for the latest revision of a key.</summary>
    public NatsOutgoingMessage DirectRequest(string key) => new(new NatsSubject(context.Subjects.DirectGetPrefix, key));

    /// <summary>Makes the result of the answer to <see cref="DirectRequest"/>.</summary>
    /// <returns><see langword="false"/> when nobody answered, and the leader is to be asked.</returns>
    public bool TryDecodeDirect<TState, TResult>(
        string key, in NatsReply reply, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, out TResult? result)
    {
        result = default;
        int status = HeaderDecoder.Status(reply.Headers.Bytes);
        switch (status)
        {
            case 0:
                result = Decode(key, reply, state, reader, options.IncludeDeleted);
                return true;
            case NotFound:
                return true;
            case NobodyThere:
                return false;
            default:
                string text = Encoding.UTF8.GetString(HeaderDecoder.StatusText(reply.Headers.Bytes));
                throw new NatsKvServerException(status, 0, $"The server refuses to read key '{key}' of bucket '{context.Subjects.Bucket}': {text} ({status}).");
        }
    }

    /// <summary>Reads after a direct get that nobody answered: no bucket, no direct get on it, or no replica that is up to date. The leader knows which.</summary>
    public async ValueTask<TResult?> ReadInsteadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken)
    {
        TResult? result = await ReadFromLeaderAsync(key, state, reader, options, cancellationToken).ConfigureAwait(false);
        try
        {
            context.HasNoDirectGet = !(await context.GetInfoAsync(cancellationToken).ConfigureAwait(false)).Config!.AllowDirect;
        }
        catch (NatsKvException)
        {
            // Not allowed to ask, or no leader just now: the value is here all the same, and the next read tries both ways again.
        }

        return result;
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

    /// <summary>Reads from any replica. It changes nothing there, so a request that a breaking connection swallowed is sent again.</summary>
    public async ValueTask<TResult?> ReadDirectAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using NatsMessage reply = await context.Exchange.RequestAsync(DirectRequest(key), cancellationToken).ConfigureAwait(false);
                if (TryDecodeDirect(key, reply.AsReply(), state, reader, options, out TResult? result))
                {
                    return result;
                }

                break;
            }
            catch (NatsKvConnectionException exception) when (exception.Failure == NatsKvConnectionFailure.Lost && attempt < MostAttempts)
            {
                // The next attempt waits for the new connection.
            }
        }

        return await ReadInsteadAsync(key, state, reader, options, cancellationToken).ConfigureAwait(false);
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

    private TResult? Decode<TState, TResult>(
        string key, in NatsReply reply, TState state, NatsKvEntryReader<TState, TResult> reader, bool includeDeleted)
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
                Value = reply.Payload,
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

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

    private readonly LeaderReads _leader = new(context);

    public INatsTransport Transport => context.Transport;

    /// <summary>The time stamp of a call's beginning.</summary>
    public long Now => context.Time.GetTimestamp();

    /// <summary>A call that began at a time stamp takes more than its first request.</summary>
    public CallDeadline ContinueCall(long start, CancellationToken cancellationToken) => context.ContinueCall(start, cancellationToken);

    public ValueTask<TResult?> ReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CallDeadline deadline)
    {
        KeyRules.ThrowIfNotKey(key);
        ArgumentNullException.ThrowIfNull(reader);
        return options.FromLeader || context.HasNoDirectGet
            ? _leader.ReadAsync(key, state, reader, options, deadline)
            : ReadDirectAsync(key, state, reader, options, deadline);
    }

    /// <summary>The same for a caller that awaits it: without the allocations of an async method, and off the connection's thread afterwards.</summary>
    public ValueTask<TResult?> StartReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken)
    {
        KeyRules.ThrowIfNotKey(key);
        ArgumentNullException.ThrowIfNull(reader);
        return options.FromLeader || context.HasNoDirectGet
            ? ConnectionThread.LeaveAfter(_leader.ReadAsync(key, state, reader, options, context.BeginCall(cancellationToken)))
            : ReadOperation<TState, TResult>.Start(this, key, state, reader, options, cancellationToken);
    }

    /// <summary>What asks any replica for the latest revision of a key.</summary>
    public NatsOutgoingMessage DirectRequest(string key) => new(new NatsSubject(context.Subjects.DirectGetPrefix, key)) { Timeout = context.MessageTimeout };

    /// <summary>Makes the result of the answer to <see cref="DirectRequest"/>.</summary>
    public DirectAnswer DecodeDirect<TState, TResult>(
        string key, in NatsReply reply, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, out TResult? result)
    {
        result = default;
        int status = HeaderDecoder.Status(reply.Headers.Bytes);
        switch (status)
        {
            case 0:
                StoredHeaders headers = StoredHeaders.Read(reply.Headers.Bytes);
                if (!IsCurrent(key, headers.Sequence, options))
                {
                    return DirectAnswer.Outdated;
                }

                context.Floors?.Seen(key, headers.Sequence);
                if (headers.Operation == NatsKvOperation.Put || options.IncludeDeleted)
                {
                    result = reader(View(key, reply, headers), state);
                }

                return DirectAnswer.Taken;
            case NotFound:
                return IsCurrent(key, 0, options) ? DirectAnswer.Taken : DirectAnswer.Outdated;
            case NobodyThere:
                return DirectAnswer.None;
            default:
                string text = Encoding.UTF8.GetString(HeaderDecoder.StatusText(reply.Headers.Bytes));
                throw new NatsKvServerException(status, 0, $"The server refuses to read key '{key}' of bucket '{context.Subjects.Bucket}': {text} ({status}).");
        }
    }

    /// <summary>
    /// Reads after a direct get that brought nothing. Where nobody answered there is no bucket, no direct get on it, or no replica that is up to
    /// date: the leader knows which.
    /// </summary>
    public async ValueTask<TResult?> ReadInsteadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, DirectAnswer answer, CallDeadline deadline)
    {
        TResult? result = await _leader.ReadAsync(key, state, reader, options, deadline).ConfigureAwait(false);
        if (answer == DirectAnswer.None)
        {
            await LearnWhetherDirectGetIsAllowedAsync(deadline).ConfigureAwait(false);
        }

        return result;
    }

    public ValueTask<NatsKvEntry?> GetRevisionAsync(string key, ulong revision, CallDeadline deadline) =>
        _leader.GetRevisionAsync(key, revision, deadline);

    /// <summary>Reads from any replica. It changes nothing there, so a request that a breaking connection swallowed is sent again.</summary>
    public async ValueTask<TResult?> ReadDirectAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CallDeadline deadline)
    {
        DirectAnswer answer = DirectAnswer.None;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using NatsMessage reply = await context.Exchange.RequestAsync(DirectRequest(key), deadline).ConfigureAwait(false);
                answer = DecodeDirect(key, reply.AsReply(), state, reader, options, out TResult? result);
                if (answer == DirectAnswer.Taken)
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

        return await ReadInsteadAsync(key, state, reader, options, answer, deadline).ConfigureAwait(false);
    }

    private bool IsCurrent(string key, ulong revision, in NatsKvReadOptions options) =>
        revision >= options.AtLeastRevision && context.Floors?.IsCurrent(key, revision) is not false;

    private async ValueTask LearnWhetherDirectGetIsAllowedAsync(CallDeadline deadline)
    {
        try
        {
            context.HasNoDirectGet = !(await context.GetInfoAsync(deadline).ConfigureAwait(false)).Config!.AllowDirect;
        }
        catch (NatsKvException)
        {
            // Not allowed to ask, or no leader just now: the value is here all the same, and the next read tries both ways again.
        }
    }

    private NatsKvEntryView View(string key, in NatsReply reply, in StoredHeaders headers) => new()
    {
        Bucket = context.Subjects.Bucket,
        Key = key,
        Value = reply.Payload,
        Headers = reply.Headers,
        Revision = headers.Sequence,
        Created = headers.Time,
        Operation = headers.Operation,
    };
}

using NatsKv.Connection;
using NatsKv.JetStream;
using NatsKv.Transport;
using NatsKv.Wire;

namespace NatsKv.Buckets;

/// <summary>Reading keys: from whichever replica answers where the bucket allows it, else from the leader.</summary>
internal sealed class BucketReads
{
    private readonly BucketContext _context;
    private readonly DirectReads _direct;
    private readonly LeaderReads _leader;
    private readonly RevisionReads _revisions;

    public BucketReads(BucketContext context)
    {
        _context = context;
        _direct = new DirectReads(context);
        _leader = new LeaderReads(context);
        _revisions = new RevisionReads(context, _direct, _leader);
    }

    /// <summary>The bucket.</summary>
    public BucketContext Context => _context;

    public ValueTask<TResult?> ReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CallDeadline deadline)
    {
        _context.ThrowIfNotKey(key);
        ArgumentNullException.ThrowIfNull(reader);
        return options.FromLeader || !_direct.IsOpen
            ? _leader.ReadAsync(key, state, reader, options, deadline)
            : ReadDirectAsync(key, state, reader, options, deadline);
    }

    /// <summary>The same for a caller that awaits it: without the allocations of an async method, and off the connection's thread afterwards.</summary>
    public ValueTask<TResult?> StartReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken)
    {
        _context.ThrowIfNotKey(key);
        ArgumentNullException.ThrowIfNull(reader);
        return options.FromLeader || !_direct.IsOpen
            ? ConnectionThread.LeaveAfter(_leader.ReadAsync(key, state, reader, options, _context.BeginCall(cancellationToken)))
            : ReadOperation<TState, TResult>.Start(this, key, state, reader, options, cancellationToken);
    }

    /// <summary>What asks any replica for the latest revision of a key.</summary>
    public NatsOutgoingMessage DirectRequest(string key) => new(new NatsSubject(_context.Subjects.DirectGetPrefix, key)) { Timeout = _context.MessageTimeout };

    /// <summary>Makes the result of the answer to <see cref="DirectRequest"/>.</summary>
    public DirectAnswer DecodeDirect<TState, TResult>(
        string key, in NatsReply reply, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, out TResult? result)
    {
        result = default;
        switch (HeaderDecoder.Status(reply.Headers.Bytes))
        {
            case DirectReads.Found:
                _context.DirectGet.Answered();
                StoredHeaders headers = StoredHeaders.Read(reply.Headers.Bytes);
                if (!IsCurrent(key, headers.Sequence, options))
                {
                    return DirectAnswer.Outdated;
                }

                _context.Floors?.Seen(key, headers.Sequence);
                if (headers.Operation == NatsKvOperation.Put || options.IncludeDeleted)
                {
                    result = reader(_direct.View(key, reply, headers), state);
                }

                return DirectAnswer.Taken;
            case DirectReads.NotFound:
                _context.DirectGet.Answered();
                return IsCurrent(key, 0, options) ? DirectAnswer.Taken : DirectAnswer.Outdated;
            case DirectReads.NobodyThere:
                return DirectAnswer.None;
            default:
                throw _direct.Refusal(key, reply);
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
            await _direct.LearnWhetherAllowedAsync(deadline).ConfigureAwait(false);
        }

        return result;
    }

    public ValueTask<NatsKvEntry?> GetRevisionAsync(string key, ulong revision, CallDeadline deadline) =>
        _revisions.GetAsync(key, revision, deadline);

    /// <summary>Reads from any replica.</summary>
    public async ValueTask<TResult?> ReadDirectAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CallDeadline deadline)
    {
        DirectAnswer answer;
        using (NatsMessage reply = await _direct.AskAsync(DirectRequest(key), deadline).ConfigureAwait(false))
        {
            answer = DecodeDirect(key, reply.AsReply(), state, reader, options, out TResult? result);
            if (answer == DirectAnswer.Taken)
            {
                return result;
            }
        }

        return await ReadInsteadAsync(key, state, reader, options, answer, deadline).ConfigureAwait(false);
    }

    private bool IsCurrent(string key, ulong revision, in NatsKvReadOptions options) =>
        revision >= options.AtLeastRevision && _context.Floors?.IsCurrent(key, revision) is not false;
}

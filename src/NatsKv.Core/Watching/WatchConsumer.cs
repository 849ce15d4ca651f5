using System.Security.Cryptography;
using NatsKv.Buckets;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Watching;

/// <summary>
/// One ordered push consumer from its creation to its end: the inbox, and the reasons to give it up. A consumer is never repaired: on
/// silence, a new connection or a gap another one takes over where the cursor stands.
/// </summary>
internal sealed class WatchConsumer : IAsyncDisposable
{
    private const int InboxBudget = 64 * 1024 * 1024;
    private const int MissedHeartbeats = 2;
    private const long NotAwaited = -1;
    private const string NameCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly TimeSpan InactiveThreshold = TimeSpan.FromSeconds(10);

    private readonly BucketContext _context;
    private readonly LeaderQuestions _questions;
    private readonly CancellationTokenSource _ended;
    private readonly ITimer _silence;
    private readonly TimeSpan _longestSilence;
    private readonly Task _epochWatch;
    private Task _asking = Task.CompletedTask;
    private int _deleted;
    private long _lastHeard;
    private long _awaitedSince = NotAwaited;

    private WatchConsumer(
        BucketContext context, WatchPlan plan, string name, INatsInbox inbox, LeaderQuestions questions, long epoch, CancellationToken stopping)
    {
        _context = context;
        _questions = questions;
        Name = name;
        Inbox = inbox;
        _longestSilence = plan.IdleHeartbeat * MissedHeartbeats;
        _lastHeard = context.Time.GetTimestamp();
        _ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Ended = _ended.Token;

        // Nothing of the caller's context may be kept alive by what runs as long as the watch.
        AsyncFlowControl? suppressed = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        _silence = context.Time.CreateTimer(static state => ((WatchConsumer)state!).Tick(), this, plan.IdleHeartbeat, plan.IdleHeartbeat);
        _epochWatch = EndWithConnectionAsync(epoch);
        suppressed?.Undo();
        context.Gate.Add(this);
    }

    public string Name { get; }

    public INatsInbox Inbox { get; }

    /// <summary>Why it is being given up, if there is something to tell.</summary>
    public Exception? Cause { get; private set; }

    /// <summary>Cancelled when this consumer is to be given up.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Makes the consumer on the server.</summary>
    /// <returns>It, and what the server said.</returns>
    public static async ValueTask<(WatchConsumer Consumer, ConsumerInfoResponse Info)> CreateAsync(
        BucketContext context, WatchPlan plan, (string Policy, ulong? Sequence) start, LeaderQuestions questions, long epoch, CancellationToken stopping)
    {
        string name = RandomNumberGenerator.GetString(NameCharacters, 16);

        // The server delivers nothing to a subject that only a wildcard subscription covers: the inbox has a subject of its own.
        INatsInbox inbox = await context.Transport.SubscribeAsync(InboxBudget, stopping).ConfigureAwait(false);
        var consumer = new WatchConsumer(context, plan, name, inbox, questions, epoch, stopping);
        Task<ConsumerInfoResponse>? creation = null;
        try
        {
            string[] subjects = Array.ConvertAll(plan.ServerFilters(context.Transport.Server), filter => context.Subjects.KeyPrefix + filter);
            bool isSingle = subjects.Length == 1;
            var request = new ConsumerCreateRequest
            {
                Stream = context.Subjects.Stream,
                Config = new ConsumerConfigDocument
                {
                    Name = name,
                    DeliverPolicy = start.Policy,
                    StartSequence = start.Sequence,
                    DeliverSubject = inbox.Subject,
                    FilterSubject = isSingle ? subjects[0] : null,
                    FilterSubjects = isSingle ? null : subjects,
                    HeadersOnly = plan.HeadersOnly ? true : null,
                    IdleHeartbeat = plan.IdleHeartbeat.Ticks * 100,
                    InactiveThreshold = InactiveThreshold.Ticks * 100,
                },
            };
            creation = context.Api.AskAsync(
                $"CONSUMER.CREATE.{context.Subjects.Stream}.{name}{(isSingle ? "." + subjects[0] : "")}",
                request,
                JetStreamJsonContext.Default.ConsumerCreateRequest,
                JetStreamJsonContext.Default.ConsumerInfoResponse,
                CallDeadline.PerRequest(CancellationToken.None)).AsTask();
            ConsumerInfoResponse info = await creation.WaitAsync(stopping).ConfigureAwait(false);
            return info.Error is null ? (consumer, info) : throw ApiErrors.ToException(info.Error, context.Subjects.Bucket);
        }
        catch
        {
            // The answer may have been lost and the consumer exist all the same.
            await consumer.DisposeAsync().ConfigureAwait(false);
            if (creation is { IsCompleted: false })
            {
                // A server may be asked to delete the consumer before it has made it: once more when it has answered.
                _ = Forget(consumer.DeleteAfterAsync(creation));
            }

            throw;
        }
    }

    /// <summary>The time stamp of the last thing that came from the server.</summary>
    public long LastHeard => Volatile.Read(ref _lastHeard);

    /// <summary>Something came from the server.</summary>
    public void Heard() => Volatile.Write(ref _lastHeard, _context.Time.GetTimestamp());

    /// <summary>
    /// The reader begins to wait for the server, or goes on. While it doesn't wait, silence is its own: what the server says stays in the inbox.
    /// </summary>
    public void SetAwaited(bool isAwaited) => Volatile.Write(ref _awaitedSince, isAwaited ? _context.Time.GetTimestamp() : NotAwaited);

    /// <summary>Answers the server's flow control.</summary>
    public void Answer(ReadOnlySpan<byte> subject)
    {
        var message = new NatsOutgoingMessage(new NatsSubject(System.Text.Encoding.ASCII.GetString(subject)));
        ValueTask sent = _context.Transport.PublishAsync(message, Ended);
        if (!sent.IsCompletedSuccessfully)
        {
            _ = Forget(sent.AsTask());
        }
    }

    /// <summary>Gives the consumer up.</summary>
    public void End(Exception? cause)
    {
        Cause ??= cause;
        _ended.Cancel();
    }

    /// <summary>Stops listening and removes the consumer from the server, without waiting for it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _silence.DisposeAsync().ConfigureAwait(false);
        await _ended.CancelAsync().ConfigureAwait(false);
        await _epochWatch.ConfigureAwait(false);
        await _asking.ConfigureAwait(false);

        // First the message, then the inbox: a transport that is being closed waits a moment for its inboxes.
        Delete();
        await Inbox.DisposeAsync().ConfigureAwait(false);
        _ended.Dispose();
    }

    /// <summary>Asks the server to remove the consumer, once.</summary>
    public void Delete()
    {
        _context.Gate.Remove(this);
        if (Interlocked.Exchange(ref _deleted, 1) == 0)
        {
            _ = Forget(DeleteAfterAsync(Task.CompletedTask));
        }
    }

    // What fails here has no consequence: the server removes a consumer that nobody listens to by itself.
    private static async Task Forget(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task DeleteAfterAsync(Task creation)
    {
        await Forget(creation).ConfigureAwait(false);
        var delete = new NatsSubject(_context.Subjects.ApiPrefix, $"CONSUMER.DELETE.{_context.Subjects.Stream}.{Name}");
        await _context.Transport.PublishAsync(new NatsOutgoingMessage(delete), CancellationToken.None).ConfigureAwait(false);
    }

    private void Tick()
    {
        CheckSilence();
        Task asking = _questions.AskIfDueAsync(this);
        if (!asking.IsCompleted)
        {
            // The one before has been answered, or there would be none.
            _asking = asking;
        }
    }

    private void CheckSilence()
    {
        long awaitedSince = Volatile.Read(ref _awaitedSince);
        if (awaitedSince == NotAwaited)
        {
            return;
        }

        TimeSpan silence = _context.Time.GetElapsedTime(Math.Max(awaitedSince, LastHeard));
        if (silence >= _longestSilence)
        {
            End(new NatsKvTimeoutException(silence, $"The watch on bucket '{_context.Subjects.Bucket}' heard nothing for {silence.TotalSeconds:0.#} s, not even a heartbeat."));
        }
    }

    private async Task EndWithConnectionAsync(long epoch)
    {
        try
        {
            await _context.Transport.WaitForEpochAsync(epoch, Ended).ConfigureAwait(false);
            End(null);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // Given up for another reason.
        }
    }
}

using System.Text;
using NatsKv.JetStream;
using NatsKv.Transport;
using NatsKv.Wire;

namespace NatsKv.Buckets;

/// <summary>What reads from any replica have in common (ADR-31).</summary>
internal sealed class DirectReads(BucketContext context)
{
    /// <summary>The status of an answer that is a stored message: it has none.</summary>
    public const int Found = 0;

    /// <summary>There is no such message.</summary>
    public const int NotFound = 404;

    /// <summary>There is no bucket, no direct get on it, or no replica that is up to date.</summary>
    public const int NobodyThere = 503;

    private const int MostAttempts = 3;

    // An older server leaves a direct get that nobody can take without any answer, where others say that there is nobody.
    private static readonly Version FirstToRefuse = new(2, 10);

    private Judgement _server = new(null, IsOld: false);

    /// <summary>Whether replicas may be asked. On an old server it must be known that they answer.</summary>
    public bool IsOpen => !context.DirectGet.IsClosed && (context.Traits is { AllowsDirectGet: true } || !IsOld(context.Exchange.Server));

    /// <summary>Asks. It changes nothing there, so a request that a breaking connection swallowed is sent again.</summary>
    public async ValueTask<NatsMessage> AskAsync(NatsOutgoingMessage message, CallDeadline deadline)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await context.Exchange.RequestAsync(message, deadline).ConfigureAwait(false);
            }
            catch (NatsKvConnectionException exception) when (exception.Failure == NatsKvConnectionFailure.Lost && attempt < MostAttempts)
            {
                // The next attempt waits for the new connection.
            }
        }
    }

    /// <summary>Finds out, after nobody but the leader has answered, whether that will stay so.</summary>
    public async ValueTask LearnWhetherAllowedAsync(CallDeadline deadline)
    {
        if (!context.MayAsk)
        {
            context.DirectGet.Missed();
            return;
        }

        try
        {
            if (!(await context.GetInfoAsync(deadline).ConfigureAwait(false)).Config!.AllowDirect)
            {
                context.DirectGet.Close();
            }
        }
        catch (NatsKvException)
        {
            // Not allowed to ask, or no leader just now: the value is here all the same, and the next read tries both ways again.
        }
    }

    public NatsKvEntryView View(string key, in NatsReply reply, in StoredHeaders headers) => new()
    {
        Bucket = context.Subjects.Bucket,
        Key = key,
        Value = reply.Payload,
        Headers = reply.Headers,
        Revision = headers.Sequence,
        Created = headers.Time,
        Operation = headers.Operation,
    };

    public NatsKvServerException Refusal(string key, in NatsReply reply)
    {
        int status = HeaderDecoder.Status(reply.Headers.Bytes);
        string text = Encoding.UTF8.GetString(HeaderDecoder.StatusText(reply.Headers.Bytes));
        return new NatsKvServerException(status, 0, $"The server refuses to read key '{key}' of bucket '{context.Subjects.Bucket}': {text} ({status}).");
    }

    private bool IsOld(NatsKvServerInfo? server)
    {
        Judgement judgement = _server;
        if (!ReferenceEquals(judgement.Server, server))
        {
            _server = judgement = new Judgement(server, ServerAge.IsBefore(server, FirstToRefuse));
        }

        return judgement.IsOld;
    }

    private sealed record Judgement(NatsKvServerInfo? Server, bool IsOld);
}

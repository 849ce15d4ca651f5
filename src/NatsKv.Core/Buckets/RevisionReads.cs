using System.Text.Json;
using NatsKv.JetStream;
using NatsKv.Transport;
using NatsKv.Wire;

namespace NatsKv.Buckets;

/// <summary>Reads a revision by its number: from any replica, unless that may be wrong. What a revision holds never changes, but it may be gone.</summary>
internal sealed class RevisionReads(BucketContext context, DirectReads direct, LeaderReads leader)
{
    public async ValueTask<NatsKvEntry?> GetAsync(string key, ulong revision, CallDeadline deadline)
    {
        context.ThrowIfNotKey(key);
        if (revision == 0)
        {
            return null;
        }

        if (!direct.IsOpen || MayBeGone(key, revision))
        {
            return await leader.GetRevisionAsync(key, revision, deadline).ConfigureAwait(false);
        }

        // By number alone: with the subject added, the server answers with the next revision of the key when this one is gone.
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new MessageGetRequest { Sequence = revision }, JetStreamJsonContext.Default.MessageGetRequest);
        using NatsMessage reply = await direct.AskAsync(new NatsOutgoingMessage(new NatsSubject(context.Subjects.DirectGet), body), deadline).ConfigureAwait(false);
        switch (HeaderDecoder.Status(reply.Headers.Bytes))
        {
            case DirectReads.Found:
                context.DirectGet.Answered();
                return EntryOf(key, reply.AsReply());
            case DirectReads.NotFound when context.Floors is null:
                context.DirectGet.Answered();
                return null;
            case DirectReads.NotFound:
                // A replica that lags behind may not have it yet.
                context.DirectGet.Answered();
                return await leader.GetRevisionAsync(key, revision, deadline).ConfigureAwait(false);
            case DirectReads.NobodyThere:
                NatsKvEntry? entry = await leader.GetRevisionAsync(key, revision, deadline).ConfigureAwait(false);
                await direct.LearnWhetherAllowedAsync(deadline).ConfigureAwait(false);
                return entry;
            default:
                throw direct.Refusal(key, reply.AsReply());
        }
    }

    // What came later may have removed it, which a replica that lags behind doesn't know.
    private bool MayBeGone(string key, ulong revision) => context.Floors?.FloorOf(key) > revision;

    private NatsKvEntry? EntryOf(string key, in NatsReply reply)
    {
        StoredHeaders headers = StoredHeaders.Read(reply.Headers.Bytes);
        return context.Subjects.KeyOf(headers.Subject) == key ? direct.View(key, reply, headers).ToEntry() : null;
    }
}

using System.Text;
using Microsoft.Extensions.Logging;
using NatsKv.Wire;

namespace NatsKv.Connection;

/// <summary>Brings each frame to whom it concerns, on the connection's thread.</summary>
internal sealed class FrameDispatcher(RequestTable requests, InboxTable inboxes, ILogger logger)
{
    private const string PermissionError = "Permissions Violation for ";

    private readonly List<Inbox> _touched = [];

    /// <summary>Brings a frame to whom it concerns.</summary>
    /// <returns>Whether it was a reply.</returns>
    public bool Dispatch(ConnectionSession session, in Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Message:
                return DispatchMessage(frame);
            case FrameKind.Ping:
                session.Outbox.TryAppend(0, static (output, _) => System.Buffers.BuffersExtensions.Write(output, FrameWriter.Pong));
                break;
            case FrameKind.Pong:
                if (session.Outbox.TakePing() is { } request)
                {
                    requests.Deliver(request, frame);
                }

                break;
            case FrameKind.Error:
                DispatchError(session, Encoding.UTF8.GetString(frame.Payload));
                break;
        }

        return false;
    }

    /// <summary>What becomes of requests whose replies can't come in.</summary>
    public static NatsKvPermissionException NoReplies(string subject) => new(
        subject,
        $"The server's permissions don't let this user subscribe to '{subject}', where replies come in; without it nothing can be asked. Grant that permission, or connect as another user.");

    /// <summary>Wakes the readers of what has arrived since the last call: once per batch of bytes, not once per message.</summary>
    public void EndBatch()
    {
        foreach (Inbox inbox in _touched)
        {
            inbox.IsTouched = false;
            inbox.Wake();
        }

        _touched.Clear();
    }

    private bool DispatchMessage(in Frame frame)
    {
        if (frame.SubscriptionId == InboxTable.SharedSubscriptionId)
        {
            int prefix = inboxes.SharedPrefix.Length;
            if (frame.Subject.Length == prefix + RequestToken.Length && RequestToken.TryParse(frame.Subject[prefix..], out RequestToken token)
                && requests.Deliver(token, frame) is { } stream)
            {
                Touch(stream);
            }

            return true;
        }

        if (inboxes.Find(frame.SubscriptionId) is { } inbox)
        {
            inbox.Deliver(frame.Subject, frame.ReplyTo, frame.Headers, frame.Payload);
            Touch(inbox);
        }

        return false;
    }

    private void Touch(Inbox inbox)
    {
        if (!inbox.IsTouched)
        {
            inbox.IsTouched = true;
            _touched.Add(inbox);
        }
    }

    // The server reports a forbidden subject apart from the request, which would otherwise only time out.
    private void DispatchError(ConnectionSession session, string error)
    {
        logger.ServerError(session.Url.ToString(), error);
        int at = error.IndexOf(PermissionError, StringComparison.OrdinalIgnoreCase);
        int quote = error.IndexOf('"', StringComparison.Ordinal);
        int endQuote = error.LastIndexOf('"');
        if (at < 0 || quote < 0 || endQuote <= quote)
        {
            // A connection outlives refused permissions; after any other error the server closes it.
            session.LastError = error;
            return;
        }

        string subject = error[(quote + 1)..endQuote];
        bool isPublish = error.AsSpan(at + PermissionError.Length).StartsWith("Publish", StringComparison.OrdinalIgnoreCase);
        string verb = isPublish ? "publish" : "subscribe";
        if (isPublish)
        {
            requests.FailAll(sentTo => sentTo.ToString() == subject ? NewException() : null);
        }
        else if (subject == inboxes.SharedSubject)
        {
            // In this order: a request that begins meanwhile is found, or finds this.
            session.RefusedReplySubject = subject;
            requests.FailAll(sentTo => sentTo == RequestTable.Ping ? null : NoReplies(subject));
        }
        else
        {
            inboxes.Fail(subject, NewException());
        }

        // Each caller gets one of its own: a shared one would mix up their stack traces.
        NatsKvPermissionException NewException() => new(
            subject, $"The server's permissions don't let this user {verb} to '{subject}'. Grant that permission, or connect as another user.");
    }
}

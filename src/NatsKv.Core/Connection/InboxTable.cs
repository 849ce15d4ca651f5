using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace NatsKv.Connection;

/// <summary>The subscriptions of a connection: the shared one for replies, and those of inboxes. They outlive a link and are made again on the next.</summary>
internal sealed class InboxTable
{
    /// <summary>The subscription that all replies come in on.</summary>
    public const long SharedSubscriptionId = 1;

    private const string InboxPrefix = "_INBOX.";
    private const string TokenCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int TokenLength = 22;

    private readonly ConcurrentDictionary<long, Inbox> _inboxes = new();
    private long _lastId = SharedSubscriptionId;

    public InboxTable()
    {
        string prefix = NewSubject() + ".";
        SharedSubject = prefix + "*";
        SharedPrefix = Encoding.ASCII.GetBytes(prefix);
    }

    /// <summary>What the shared subscription listens to.</summary>
    public string SharedSubject { get; }

    /// <summary>What the reply subjects begin with.</summary>
    public byte[] SharedPrefix { get; }

    public bool IsEmpty => _inboxes.IsEmpty;

    public IEnumerable<Inbox> All => _inboxes.Values;

    /// <summary>A subject that nobody else knows.</summary>
    public static string NewSubject() => InboxPrefix + RandomNumberGenerator.GetString(TokenCharacters, TokenLength);

    public Inbox Add(int budget, Action<Inbox> onDisposed)
    {
        var inbox = new Inbox(NewSubject(), Interlocked.Increment(ref _lastId), budget, onDisposed);
        _inboxes[inbox.SubscriptionId] = inbox;
        return inbox;
    }

    public Inbox? Find(long subscriptionId) => _inboxes.GetValueOrDefault(subscriptionId);

    public void Remove(Inbox inbox) => _inboxes.TryRemove(inbox.SubscriptionId, out _);

    /// <summary>Ends the inboxes on one subject, or all.</summary>
    public void Fail(string? subject, Exception error)
    {
        foreach (Inbox inbox in All)
        {
            if (subject is null || inbox.Subject == subject)
            {
                inbox.Close(error);
            }
        }
    }
}

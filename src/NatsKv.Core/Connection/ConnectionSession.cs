namespace NatsKv.Connection;

/// <summary>One connection from its handshake to its end: the link, what was read beyond the handshake, and what waits to be sent.</summary>
internal sealed class ConnectionSession : IDisposable
{
    // Callers answer a large batch of replies in parts, which gives the server something to do meanwhile; parts that are too small cost more
    // system calls.
    private const int MostReplies = 24;

    private readonly ServerLink _link;
    private readonly FrameReader _reader;
    private Thread? _writer;
    private string? _refusedReplySubject;
    private int _unansweredPings;

    public ConnectionSession(ServerLink link, FrameReader reader, NatsKvServerInfo server, NatsUrl url)
    {
        _link = link;
        _reader = reader;
        Server = server;
        Url = url;
        Outbox = new Outbox(link);
    }

    public NatsKvServerInfo Server { get; }

    public NatsUrl Url { get; }

    public Outbox Outbox { get; }

    /// <summary>Whether it has ended, though its reader may not have noticed yet.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>What the server gave as its reason before it closed the connection.</summary>
    public string? LastError { get; set; }

    /// <summary>The subject that replies come in on, if the server's permissions forbid it: then no request is ever answered.</summary>
    public string? RefusedReplySubject
    {
        get => Volatile.Read(ref _refusedReplySubject);
        set => Volatile.Write(ref _refusedReplySubject, value);
    }

    /// <summary>Starts the thread that sends.</summary>
    public void StartWriter()
    {
        _writer = new Thread(SendUntilClosed) { IsBackground = true, Name = "natskv writer" };
        _writer.UnsafeStart();
    }

    public bool TakeIn(FrameDispatcher dispatcher)
    {
        int left = MostReplies;
        while (left > 0 && _reader.TryRead(out Wire.Frame frame))
        {
            left -= dispatcher.Dispatch(this, frame) ? 1 : 0;
        }

        dispatcher.EndBatch();
        Volatile.Write(ref _unansweredPings, 0);
        return left == 0;
    }

    /// <summary>Waits for more bytes.</summary>
    /// <returns><see langword="false"/> when the server has closed the connection.</returns>
    public bool Fill() => _reader.Fill();

    /// <summary>Sends what waits on the calling thread, if that doesn't hold it up. A link that breaks over it ends the session.</summary>
    public void Flush()
    {
        try
        {
            Outbox.TryFlush();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The reader sees the same end and reports it.
            Dispose();
        }
    }

    /// <summary>Sends what waits as far as the socket takes it at once: the session is about to be closed, and nobody waits for the network then.</summary>
    public void SendRest()
    {
        try
        {
            Outbox.SendRest();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Closed already, or the server doesn't read.
        }
    }

    /// <summary>Asks whether the server lives; gives the connection up when it has left <paramref name="most"/> questions unanswered.</summary>
    public void CheckAlive(int most)
    {
        if (Interlocked.Increment(ref _unansweredPings) > most)
        {
            LastError = "it did not answer";
            Dispose();
        }
        else
        {
            Outbox.TryAppendPing(request: null);
        }
    }

    /// <summary>Closes the link; both threads end soon after.</summary>
    public void Dispose()
    {
        IsClosed = true;
        Outbox.Close();
        _link.Dispose();
    }

    /// <summary>Waits for the writer thread.</summary>
    public bool JoinWriter(TimeSpan timeout) => _writer?.Join(timeout) ?? true;

    private void SendUntilClosed()
    {
        try
        {
            Outbox.SendUntilClosed();
        }
        catch (Exception)
        {
            // Most often the link broke; whatever it was must not end the process. The reader sees the same end and reports it.
            Dispose();
        }
    }
}

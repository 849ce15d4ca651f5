using System.Diagnostics.CodeAnalysis;

namespace NatsKv.Transport;

/// <summary>Takes in the outcome of a request: one of the two methods is called, once.</summary>
/// <remarks>
/// Either may be called on the connection's own thread, or on one that belongs to somebody else (who cancelled, or let the time run out):
/// it takes what it needs and returns. It must not block, run other people's code, or throw.
/// </remarks>
[Experimental("NATSKV001")]
public interface INatsReplyHandler
{
    /// <summary>The reply has come.</summary>
    /// <param name="reply">Valid until this returns.</param>
    void OnReply(in NatsReply reply);

    /// <summary>There will be no reply. May be called before <see cref="INatsTransport.BeginRequest"/> has returned.</summary>
    /// <param name="error">Why; an exception of this request's own.</param>
    void OnError(Exception error);
}

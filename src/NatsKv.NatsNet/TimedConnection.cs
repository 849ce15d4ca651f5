using NATS.Client.Core;
using NatsKv.Transport;

namespace NatsKv.NatsNet;

/// <summary>The official client's calls that we make: each ends in the time it is given, and fails with an exception of ours.</summary>
internal sealed class TimedConnection(INatsConnection connection, TimeProvider time)
{
    private static readonly TimeSpan PauseBetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until there is a connection, so long at most; makes it if there never was one.</summary>
    public ValueTask OpenAsync(Patience patience, CancellationToken cancellationToken)
    {
        return connection.ConnectionState == NatsConnectionState.Open ? default : Slow();

        async ValueTask Slow()
        {
            while (connection.ConnectionState != NatsConnectionState.Open)
            {
                if (connection.ConnectionState == NatsConnectionState.Failed)
                {
                    throw ClientErrors.MapConnecting(new NatsException("the connection has given up reconnecting."), connection);
                }

                try
                {
                    await WithinAsync(connection.ConnectAsync().AsTask(), patience.Left, cancellationToken).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    throw ClientErrors.TooLate(connection, patience.Timeout);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    // The attempt that was waited for has been given up for another.
                    await Task.Delay(PauseBetweenLooks, time, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    throw ClientErrors.MapConnecting(exception, connection);
                }
            }
        }
    }

    /// <summary>Sends; the message's bytes are the caller's again when this has completed.</summary>
    public ValueTask SendAsync(in NatsOutgoingMessage message, string? replyTo, Patience patience, CancellationToken cancellationToken)
    {
        if (connection.ServerInfo is { } server)
        {
            NatsMessageTooLargeException.ThrowIfLarger(message, server.MaxPayload);
        }

        ValueTask sent;
        var payload = new OutgoingPayload(message.Payload);
        try
        {
            NatsHeaders? headers = OutgoingHeaders.From(message.Headers.Span, connection.Opts.HeaderEncoding);
            sent = connection.PublishAsync(
                message.Subject.ToString(), payload, headers, replyTo, PayloadSerializer.Instance, cancellationToken: cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw ClientErrors.Map(exception, connection, patience.Timeout);
        }

        return sent.IsCompletedSuccessfully ? default : Slow();

        async ValueTask Slow()
        {
            try
            {
                await InTimeAsync(sent.AsTask(), patience, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                payload.Revoke();
            }
        }
    }

    /// <summary>Subscribes.</summary>
    public ValueTask SubscribeAsync(RawSubscription subscription, Patience patience, CancellationToken cancellationToken) =>
        InTimeAsync(connection.AddSubAsync(subscription, CancellationToken.None).AsTask(), patience, cancellationToken);

    /// <summary>Waits for the server to answer a ping.</summary>
    public ValueTask PingAsync(Patience patience, CancellationToken cancellationToken) =>
        // Without the token: the client pools its pings, and one that is given up must not answer for the next.
        InTimeAsync(connection.PingAsync(CancellationToken.None).AsTask(), patience, cancellationToken);

    private async ValueTask InTimeAsync(Task operation, Patience patience, CancellationToken cancellationToken)
    {
        try
        {
            await WithinAsync(operation, patience.Left, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw ClientErrors.Map(exception, connection, patience.Timeout);
        }
    }

    private async Task WithinAsync(Task operation, TimeSpan left, CancellationToken cancellationToken)
    {
        // One that is given up may fail later, and nobody would look.
        _ = operation.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        await operation.WaitAsync(left, time, cancellationToken).ConfigureAwait(false);
    }
}

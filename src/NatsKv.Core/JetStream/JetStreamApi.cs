using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NatsKv.Transport;

namespace NatsKv.JetStream;

/// <summary>Asks JetStream's JSON API.</summary>
internal sealed class JetStreamApi(IExchange exchange, string prefix = JetStreamApi.DefaultPrefix)
{
    /// <summary>What the API's subjects begin with, in the account and domain of the connection.</summary>
    public const string DefaultPrefix = "$JS.API.";

    /// <summary>A request with a JSON body.</summary>
    /// <returns>The answer, which may be an error.</returns>
    public ValueTask<TResponse> AskAsync<TRequest, TResponse>(
        string operation,
        TRequest request,
        JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TResponse> responseType,
        CallDeadline deadline) =>
        AskAsync(operation, JsonSerializer.SerializeToUtf8Bytes(request, requestType), responseType, deadline);

    /// <summary>A request with the bytes of a JSON body, or none.</summary>
    /// <returns>The answer, which may be an error.</returns>
    public async ValueTask<TResponse> AskAsync<TResponse>(
        string operation, ReadOnlyMemory<byte> body, JsonTypeInfo<TResponse> responseType, CallDeadline deadline)
    {
        var subject = new NatsSubject(prefix, operation);
        ThrowIfTooLarge(operation, body.Length);
        using NatsMessage reply = await exchange.RequestAsync(new NatsOutgoingMessage(subject, body), deadline).ConfigureAwait(false);
        if (ApiErrors.IsNoResponders(reply.AsReply()))
        {
            throw ApiErrors.NobodyAnswers(exchange.Server, subject.ToString());
        }

        try
        {
            return JsonSerializer.Deserialize(reply.Payload.Span, responseType) ?? throw Unreadable(operation, null);
        }
        catch (JsonException exception)
        {
            throw Unreadable(operation, exception);
        }
    }

    // A server that gets more than it takes closes the connection, and everything under way on it fails.
    private void ThrowIfTooLarge(string operation, int size)
    {
        if (exchange.Server is { } server && size > server.MaxPayload)
        {
            string name = string.Join('.', operation.Split('.').Take(3));
            throw new NatsKvException(
                $"The request '{prefix}{name}' takes {size} bytes, and the server takes {server.MaxPayload} at most. Use fewer or shorter filters, or raise the server's max_payload.");
        }
    }

    private NatsKvException Unreadable(string operation, Exception? cause) =>
        new($"The server's answer to '{prefix}{operation}' can't be read.", cause);
}

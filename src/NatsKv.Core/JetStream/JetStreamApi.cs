using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NatsKv.Transport;

namespace NatsKv.JetStream;

/// <summary>Asks JetStream's JSON API.</summary>
internal sealed class JetStreamApi(IExchange exchange)
{
    /// <summary>What the API's subjects begin with.</summary>
    public const string Prefix = "$JS.API.";

    /// <summary>A request with a JSON body.</summary>
    /// <returns>The answer, which may be an error.</returns>
    public ValueTask<TResponse> AskAsync<TRequest, TResponse>(
        string operation,
        TRequest request,
        JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TResponse> responseType,
        CancellationToken cancellationToken) =>
        AskAsync(operation, JsonSerializer.SerializeToUtf8Bytes(request, requestType), responseType, cancellationToken);

    /// <summary>A request with the bytes of a JSON body, or none.</summary>
    /// <returns>The answer, which may be an error.</returns>
    public async ValueTask<TResponse> AskAsync<TResponse>(
        string operation, ReadOnlyMemory<byte> body, JsonTypeInfo<TResponse> responseType, CancellationToken cancellationToken)
    {
        var subject = new NatsSubject(Prefix, operation);
        using NatsMessage reply = await exchange.RequestAsync(new NatsOutgoingMessage(subject, body), cancellationToken).ConfigureAwait(false);
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

    private static NatsKvException Unreadable(string operation, Exception? cause) =>
        new($"The server's answer to '{Prefix}{operation}' can't be read.", cause);
}

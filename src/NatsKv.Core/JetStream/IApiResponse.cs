namespace NatsKv.JetStream;

/// <summary>A JSON answer that may be an error.</summary>
internal interface IApiResponse
{
    ApiError? Error { get; }
}

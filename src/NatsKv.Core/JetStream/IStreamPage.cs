namespace NatsKv.JetStream;

/// <summary>One page of a listing.</summary>
/// <typeparam name="TItem">What is listed.</typeparam>
internal interface IStreamPage<TItem> : IApiResponse
{
    /// <summary>How many there are on all pages.</summary>
    int Total { get; }

    /// <summary>Those of this page; the server leaves it out, or says null, when there are none.</summary>
    TItem[]? Streams { get; }
}

using System.Net.Sockets;
using System.Text.Json;
using NatsKv.Testing.Wire;

namespace NatsKv.Testing.Clustering;

/// <summary>Asks JetStream through one node, with a deadline for each try.</summary>
internal sealed class StreamApi(WireCredentials credentials)
{
    private const int StreamNotFound = 10059;
    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The answer, or <see langword="null"/> when there is none in time, or only that JetStream can't answer at present.</summary>
    /// <exception cref="InvalidOperationException">There is no such stream.</exception>
    public async Task<JsonDocument?> TryRequestAsync(NatsServer node, string subject, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(TryTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            WireConnection connection = await WireConnection.ConnectAsync(node.Port, credentials, either.Token).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                JsonDocument? answer = await connection.RequestAsync(subject, string.Empty, either.Token).ConfigureAwait(false);
                if (answer is null || !answer.RootElement.TryGetProperty("error", out JsonElement error))
                {
                    return answer;
                }

                using (answer)
                {
                    return error.TryGetProperty("err_code", out JsonElement code) && code.GetInt32() == StreamNotFound
                        ? throw new InvalidOperationException($"There is no such stream ({subject}).")
                        : null;
                }
            }
        }
        catch (Exception error) when (error is SocketException or IOException || (error is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }
}

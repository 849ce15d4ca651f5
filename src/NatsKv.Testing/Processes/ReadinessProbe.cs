using System.Net.Sockets;
using System.Text.Json;
using NatsKv.Testing.Monitoring;
using NatsKv.Testing.Wire;

namespace NatsKv.Testing.Processes;

/// <summary>Finds out whether a server does its work, not only whether it listens.</summary>
internal sealed class ReadinessProbe(WireCredentials credentials, bool jetStream, MonitoringClient monitoring)
{
    private const int NotEnabledForAccount = 10039;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Tries until a condition gives a value, with short pauses that grow.</summary>
    public static async Task<T> PollAsync<T>(Func<CancellationToken, Task<T?>> tryGet, CancellationToken ct)
        where T : class
    {
        TimeSpan pause = FirstPause;
        while (true)
        {
            if (await tryGet(ct).ConfigureAwait(false) is { } value)
            {
                return value;
            }

            await Task.Delay(pause, TimeProvider.System, ct).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>The server's version when it is ready, else <see langword="null"/>.</summary>
    public async Task<string?> TryAsync(ServerPorts ports, CancellationToken ct)
    {
        // In a cluster a request gets lost when nobody leads, or two nodes think so: then only asking again helps.
        using var timeout = new CancellationTokenSource(TryTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            return await TryOnceAsync(ports, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<string?> TryOnceAsync(ServerPorts ports, CancellationToken ct)
    {
        try
        {
            WireConnection connection = await WireConnection.ConnectAsync(ports.Client, credentials, ct).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                bool ready = connection.TlsRequired
                    ? await IsHealthyAsync(ports, ct).ConfigureAwait(false)
                    : !jetStream || await JetStreamAnswersAsync(connection, ct).ConfigureAwait(false);
                return ready ? connection.ServerVersion : null;
            }
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return null;
        }
        catch (WireErrorException)
        {
            // The configuration that the user added wants another login than we have.
            return await IsHealthyAsync(ports, ct).ConfigureAwait(false) ? await TryGetVersionAsync(ports, ct).ConfigureAwait(false) : null;
        }
    }

    private static async Task<bool> JetStreamAnswersAsync(WireConnection connection, CancellationToken ct)
    {
        using JsonDocument? answer = await connection.RequestAsync("$JS.API.INFO", string.Empty, ct).ConfigureAwait(false);
        if (answer is null)
        {
            return false;
        }

        // JetStream that is on, but not for the account that the user's own configuration puts us in, won't get any readier.
        return !answer.RootElement.TryGetProperty("error", out JsonElement error) ||
            (error.TryGetProperty("err_code", out JsonElement code) && code.GetInt32() == NotEnabledForAccount);
    }

    private async Task<bool> IsHealthyAsync(ServerPorts ports, CancellationToken ct)
    {
        try
        {
            return await monitoring.IsHealthyAsync($"http://127.0.0.1:{ports.Monitoring}", ct).ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<string?> TryGetVersionAsync(ServerPorts ports, CancellationToken ct)
    {
        try
        {
            using JsonDocument answer = await monitoring.GetAsync($"http://127.0.0.1:{ports.Monitoring}/varz", ct).ConfigureAwait(false);
            return answer.RootElement.GetProperty("version").GetString() ?? string.Empty;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}

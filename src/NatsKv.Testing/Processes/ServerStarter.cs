using System.Globalization;
using NatsKv.Testing.Monitoring;
using NatsKv.Testing.Wire;

namespace NatsKv.Testing.Processes;

/// <summary>Starts the process of a server and waits until it is ready.</summary>
internal sealed class ServerStarter(
    string executable, NatsServerOptions options, string name, string storeFolder, ServerFolder folder, ClusterRoutes? cluster, MonitoringClient monitoring)
{
    private static readonly TimeSpan PortPause = TimeSpan.FromMilliseconds(100);
    private readonly ReadinessProbe _probe = new(WireCredentials.Of(options), options.JetStream, monitoring);

    /// <summary>Starts it on the ports given, 0 being any, and waits until it listens and, if wanted, answers.</summary>
    /// <param name="port">The port for clients.</param>
    /// <param name="clusterPort">The port for the other nodes.</param>
    /// <param name="portIsOurs">The port was this server's before: whoever has it now only borrows it, so it is awaited.</param>
    /// <param name="ct">Ends the wait, and the process.</param>
    /// <exception cref="NatsServerStartException">It ended, or isn't ready in time.</exception>
    public async Task<StartedServer> StartAsync(int port, int clusterPort, bool portIsOurs, CancellationToken ct)
    {
        string text = ServerConfigText.Write(options, name, storeFolder, folder.PortsFolder, port, clusterPort, cluster);
        await folder.WriteConfigurationAsync(text, ct).ConfigureAwait(false);
        using var deadline = new CancellationTokenSource(options.StartTimeout, TimeProvider.System);
        while (true)
        {
            long logStart = File.Exists(folder.LogFile) ? new FileInfo(folder.LogFile).Length : 0;
            ServerProcess process = ServerProcess.Start(executable, ["-c", folder.ConfigurationFile], folder.LogFile);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token, process.ExitToken);
            try
            {
                ServerPorts ports = await ReadinessProbe.PollAsync(
                    _ => Task.FromResult(ServerPorts.TryRead(folder.PortsFolder, process.Id)), stop.Token).ConfigureAwait(false);

                // A node of a cluster is not ready before the others are there: the cluster waits for that.
                string version = cluster is null
                    ? await ReadinessProbe.PollAsync(token => _probe.TryAsync(ports, token), stop.Token).ConfigureAwait(false)
                    : string.Empty;
                return new StartedServer(process, ports, version);
            }
            catch (Exception error)
            {
                bool died = process.ExitToken.IsCancellationRequested;
                await process.DisposeAsync().ConfigureAwait(false);
                if (error is not OperationCanceledException || ct.IsCancellationRequested)
                {
                    throw;
                }

                string tail = ServerLog.Tail(folder.LogFile, logStart, options.Password, options.Token);
                if (!(died && portIsOurs && tail.Contains("address already in use", StringComparison.Ordinal)) || deadline.IsCancellationRequested)
                {
                    throw new NatsServerStartException(
                        died
                            ? "The nats-server ended right after its start."
                            : string.Create(CultureInfo.InvariantCulture, $"The nats-server was not ready within {options.StartTimeout.TotalSeconds} s."),
                        tail);
                }
            }

            await Task.Delay(PortPause, TimeProvider.System, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until a node of a cluster is ready, and returns its version.</summary>
    public Task<string> WaitUntilReadyAsync(ServerPorts ports, CancellationToken ct) =>
        ReadinessProbe.PollAsync(token => _probe.TryAsync(ports, token), ct);
}

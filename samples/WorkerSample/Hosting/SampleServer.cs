using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using NatsKv.Testing;

namespace WorkerSample.Hosting;

/// <summary>The nats-server of the sample: the one that is configured, else one of its own, which ends with it.</summary>
internal sealed class SampleServer : IAsyncDisposable
{
    private readonly NatsServer? _own;

    private SampleServer(string url, NatsServer? own)
    {
        Url = url;
        _own = own;
    }

    public string Url { get; }

    public bool IsOwn => _own is not null;

    public string? Version => _own?.Version;

    /// <summary>What <c>NatsKv__Url</c>, <c>ConnectionStrings__nats</c> or the option says; <see langword="null"/> if nothing does.</summary>
    public static string? ConfiguredUrl(string? option)
    {
        IConfiguration environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        return option ?? environment["NatsKv:Url"] ?? environment["ConnectionStrings:nats"];
    }

    /// <summary>The configured server, or a new one.</summary>
    public static async Task<SampleServer> StartAsync(string? urlOption, CancellationToken cancellationToken)
    {
        if (ConfiguredUrl(urlOption) is { } url)
        {
            return new SampleServer(url, own: null);
        }

        NatsServer own = await NatsServer.StartAsync(new NatsServerOptions { Progress = new LineProgress() }, cancellationToken);
        await File.WriteAllTextAsync(LocationFile, $"{Environment.ProcessId} {own.Url}", cancellationToken);
        return new SampleServer(own.Url, own);
    }

    /// <summary>The configured server, or that of the worker which runs in another terminal.</summary>
    public static string Find(string? urlOption) => ConfiguredUrl(urlOption) ?? RunningWorkersUrl() ?? throw new InvalidOperationException(
        "No worker is running. Start one in another terminal with 'dotnet run --project samples/WorkerSample', or name a server with --url.");

    public async ValueTask DisposeAsync()
    {
        if (_own is not null)
        {
            File.Delete(LocationFile);
            await _own.DisposeAsync();
        }
    }

    // One per user, where other users can't put theirs.
    private static string LocationFile =>
        Path.Combine(Directory.CreateDirectory(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "natskv")).FullName, "worker-sample");

    private static string? RunningWorkersUrl()
    {
        if (!File.Exists(LocationFile))
        {
            return null;
        }

        string[] parts = File.ReadAllText(LocationFile).Split(' ', 2);
        return parts.Length == 2 && int.TryParse(parts[0], out int id) && IsRunning(id) ? parts[1] : null;
    }

    private static bool IsRunning(int processId)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

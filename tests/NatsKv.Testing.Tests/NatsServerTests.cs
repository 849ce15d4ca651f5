using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NatsKv.TestKit;
using NatsKv.Testing.Tests.Support;
using NatsKv.Testing.Wire;

namespace NatsKv.Testing.Tests;

public sealed class NatsServerTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(NatsServerVersion.Latest, 2, 11)]
    [InlineData(NatsServerVersion.V2_10, 2, 10)]
    [InlineData(NatsServerVersion.V2_9, 2, 9)]
    public async Task StartAsync_EveryLine_JetStreamAnswersAndSurvivesARestart(NatsServerVersion line, int major, int minor)
    {
        await using NatsServer server = await StartOrSkipAsync(line);

        var version = Version.Parse(server.Version);
        Assert.Equal(major, version.Major);
        Assert.True(line == NatsServerVersion.Latest ? version.Minor >= minor : version.Minor == minor, server.Version);
        await using (StreamClient client = await StreamClient.ConnectAsync(server, Ct))
        {
            await client.CreateAsync("s", 1, Ct);
            Assert.Equal(1, await client.PublishAsync("s", Ct));
        }

        await server.RestartAsync(ct: Ct);
        Assert.Equal(1, await CountAsync(server));
    }

    [Fact]
    public async Task StartAsync_Defaults_TellsItsFacts()
    {
        await using NatsServer server = await NatsServer.StartAsync(ct: Ct);

        Assert.True(server.IsRunning);
        Assert.Equal($"nats://127.0.0.1:{server.Port}", server.Url);
        Assert.True(Directory.Exists(server.StoreDirectory));
        Assert.Contains("Server is ready", await File.ReadAllTextAsync(server.LogFile, Ct), StringComparison.Ordinal);
        Assert.StartsWith("http://127.0.0.1:", server.MonitoringUrl, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal("nats-server", File.ReadAllText($"/proc/{server.ProcessId}/comm").Trim());
        }
    }

    [Fact]
    public async Task StartAsync_ManyAtOnce_HavePortsOfTheirOwn()
    {
        NatsServer[] servers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => NatsServer.StartAsync(ct: Ct)));
        Assert.Equal(6, servers.Select(server => server.Port).Distinct().Count());
        foreach (NatsServer server in servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task StartAsync_PortIsTaken_FailsWithTheServersOwnWords()
    {
        await using NatsServer first = await NatsServer.StartAsync(ct: Ct);

        NatsServerStartException error = await Assert.ThrowsAsync<NatsServerStartException>(
            () => NatsServer.StartAsync(new NatsServerOptions { Port = first.Port }, Ct));

        Assert.Contains("address already in use", error.LogTail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_BrokenExtraConfiguration_FailsWithTheServersOwnWords()
    {
        var options = new NatsServerOptions { ExtraConfiguration = "max_payload: hunter2", User = "u", Password = "hunter2" };

        NatsServerStartException error = await Assert.ThrowsAsync<NatsServerStartException>(() => NatsServer.StartAsync(options, Ct));

        Assert.NotEmpty(error.LogTail);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("u\"1", """p\2 {$x}""", null)]
    [InlineData(null, null, "t0ken with # and 'quotes'")]
    public async Task StartAsync_WithCredentials_OnlyTheyLogIn(string? user, string? password, string? token)
    {
        var options = new NatsServerOptions { User = user, Password = password, Token = token };
        await using NatsServer server = await NatsServer.StartAsync(options, Ct);

        await (await WireConnection.ConnectAsync(server.Port, new WireCredentials(user, password, token), Ct)).DisposeAsync();
        WireErrorException error = await Assert.ThrowsAsync<WireErrorException>(
            () => WireConnection.ConnectAsync(server.Port, new WireCredentials("u", "wrong", "wrong"), Ct));

        Assert.Contains("Authorization", error.Message, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            string commandLine = File.ReadAllText($"/proc/{server.ProcessId}/cmdline");
            Assert.DoesNotContain(password ?? token!, commandLine, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task StartAsync_LoginsOfTheUsersOwn_IsReadyWhenHealthy()
    {
        var options = new NatsServerOptions { ExtraConfiguration = "authorization { users: [ { user: a, password: b } ] }" };
        await using NatsServer server = await NatsServer.StartAsync(options, Ct);
        Assert.NotEmpty(server.Version);
        await (await WireConnection.ConnectAsync(server.Port, new WireCredentials("a", "b", null), Ct)).DisposeAsync();
    }

    [Fact]
    public async Task StartAsync_TlsOfTheUsersOwn_IsReadyWhenHealthy()
    {
        string folder = Directory.CreateTempSubdirectory("natskv-test-").FullName;
        try
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem(), Ct);
            await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem(), Ct);
            var options = new NatsServerOptions { ExtraConfiguration = $"tls {{ cert_file: \"{folder}/cert.pem\", key_file: \"{folder}/key.pem\" }}" };

            await using NatsServer server = await NatsServer.StartAsync(options, Ct);

            await using WireConnection connection = await WireConnection.ConnectAsync(server.Port, new WireCredentials(null, null, null), Ct);
            Assert.True(connection.TlsRequired);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task StartAsync_AccountWithoutJetStream_IsReady()
    {
        var options = new NatsServerOptions { ExtraConfiguration = "accounts { A: { users: [ { user: a, password: b } ] } }\nno_auth_user: a" };
        await using NatsServer server = await NatsServer.StartAsync(options, Ct);
        Assert.True(server.IsRunning);
    }

    [Fact]
    public async Task StartAsync_WithoutJetStream_HasNone()
    {
        await using NatsServer server = await NatsServer.StartAsync(new NatsServerOptions { JetStream = false, ServerName = "plain" }, Ct);
        Assert.Equal("plain", server.Name);
        Assert.Equal(-1, await CountAsync(server));
    }

    [Theory]
    [InlineData(70000, null, null, null)]
    [InlineData(0, "u", null, null)]
    [InlineData(0, "u", "p", "t")]
    public async Task StartAsync_OptionsThatContradictEachOther_Throws(int port, string? user, string? password, string? token)
    {
        var options = new NatsServerOptions { Port = port, User = user, Password = password, Token = token };
        await Assert.ThrowsAsync<ArgumentException>(() => NatsServer.StartAsync(options, Ct));
    }

    [Fact]
    public async Task StartAsync_OptionsChangedLater_HaveNoEffect()
    {
        var options = new NatsServerOptions();
        await using NatsServer server = await NatsServer.StartAsync(options, Ct);
        options.Token = "later";
        await server.RestartAsync(ct: Ct);
        Assert.Equal(-1, await CountAsync(server));
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("kill")]
    [InlineData("pause")]
    [InlineData("run")]
    public async Task RestartAsync_AfterAnything_KeepsPortAndStore(string before)
    {
        await using NatsServer server = await NatsServer.StartAsync(ct: Ct);
        (string url, int firstId) = (server.Url, server.ProcessId);
        await using (StreamClient client = await StreamClient.ConnectAsync(server, Ct))
        {
            await client.CreateAsync("s", 1, Ct);
            await client.PublishAsync("s", Ct);
        }

        await (before switch
        {
            "stop" => server.StopAsync(Ct),
            "kill" => server.KillAsync(Ct),
            "pause" => Task.Run(server.Pause, Ct),
            _ => Task.CompletedTask,
        });
        Assert.Equal(before is "pause" or "run", server.IsRunning);
        await server.RestartAsync(ct: Ct);

        Assert.True(server.IsRunning);
        Assert.Equal(url, server.Url);
        Assert.NotEqual(firstId, server.ProcessId);
        Assert.Equal(1, await CountAsync(server));
    }

    [Fact]
    public async Task RestartAsync_WipingTheStore_BeginsEmpty()
    {
        await using NatsServer server = await NatsServer.StartAsync(ct: Ct);
        await using (StreamClient client = await StreamClient.ConnectAsync(server, Ct))
        {
            await client.CreateAsync("s", 1, Ct);
        }

        await server.RestartAsync(wipeStore: true, Ct);

        Assert.Equal(-1, await CountAsync(server));
    }

    [Fact]
    public async Task StopAndKill_WhenItIsDownAlready_DoNothing()
    {
        await using NatsServer server = await NatsServer.StartAsync(ct: Ct);
        await server.StopAsync(Ct);
        await server.StopAsync(Ct);
        await server.KillAsync(Ct);

        Assert.False(server.IsRunning);
        Assert.Throws<InvalidOperationException>(server.Pause);
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.GetConnectionCountAsync(Ct));
    }

    [Fact]
    public async Task StopAsync_Running_EndsInGoodOrder()
    {
        await using NatsServer server = await NatsServer.StartAsync(ct: Ct);
        await server.StopAsync(Ct);
        Assert.Contains("Server Exiting", await File.ReadAllTextAsync(server.LogFile, Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pause_Running_NothingAnswersUntilResume()
    {
        await using NatsServer server = await NatsServer.StartAsync(ct: Ct);
        await using StreamClient client = await StreamClient.ConnectAsync(server, Ct);
        await client.CreateAsync("s", 1, Ct);

        server.Pause();
        if (OperatingSystem.IsLinux())
        {
            await Eventually.TrueAsync(() => ProcessTable.StateOf(server.ProcessId) == 'T', "the server is stopped", ct: Ct);
        }

        Task<int> published = client.PublishAsync("s", Ct);
        Assert.True(server.IsRunning);
        Assert.False(published.IsCompleted);
        server.Resume();

        Assert.Equal(1, await published);
    }

    [Fact]
    public async Task GetConnectionCountAsync_ClientsComeAndGo_CountsThemOnly()
    {
        await using NatsServer server = await NatsServer.StartAsync(ct: Ct);

        // What asked whether the server is ready may have given up a connection, which the server then finds closed a moment later.
        await Eventually.EqualAsync(0, () => server.GetConnectionCountAsync(Ct), "connections", ct: Ct);

        using (TcpClient one = await ConnectAsync(server))
        using (TcpClient two = await ConnectAsync(server))
        {
            await Eventually.EqualAsync(2, () => server.GetConnectionCountAsync(Ct), "connections", ct: Ct);
        }

        await Eventually.EqualAsync(0, () => server.GetConnectionCountAsync(Ct), "connections", ct: Ct);
    }

    [Fact]
    public async Task DisposeAsync_PrivateStore_LeavesNothing()
    {
        NatsServer server = await NatsServer.StartAsync(ct: Ct);
        string folder = Path.GetDirectoryName(server.LogFile)!;

        await server.DisposeAsync();
        await server.DisposeAsync();

        Assert.False(server.IsRunning);
        Assert.False(Directory.Exists(folder));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.RestartAsync(ct: Ct));
        if (OperatingSystem.IsLinux())
        {
            await Eventually.TrueAsync(() => ProcessTable.WithCommandLine(folder).Length == 0, "nothing runs", ct: Ct);
        }
    }

    [Fact]
    public async Task DisposeAsync_GivenStore_IsKeptForTheNextServer()
    {
        string store = Directory.CreateTempSubdirectory("natskv-test-").FullName;
        try
        {
            await using (NatsServer server = await NatsServer.StartAsync(new NatsServerOptions { StoreDirectory = store }, Ct))
            {
                await using StreamClient client = await StreamClient.ConnectAsync(server, Ct);
                await client.CreateAsync("s", 1, Ct);
            }

            await using NatsServer next = await NatsServer.StartAsync(new NatsServerOptions { StoreDirectory = store }, Ct);
            Assert.Equal(0, await CountAsync(next));
        }
        finally
        {
            Directory.Delete(store, recursive: true);
        }
    }

    private static async Task<NatsServer> StartOrSkipAsync(NatsServerVersion line)
    {
        try
        {
            return await NatsServer.StartAsync(new NatsServerOptions { ServerVersion = line }, Ct);
        }
        catch (NatsServerNotFoundException error) when (line != NatsServerVersion.Latest)
        {
            Assert.Skip(error.Message);
            throw;
        }
    }

    private static async Task<int> CountAsync(NatsServer server)
    {
        await using StreamClient client = await StreamClient.ConnectAsync(server, Ct);
        return await client.CountAsync("s", Ct);
    }

    private static async Task<TcpClient> ConnectAsync(NatsServer server)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Port, Ct);
        await client.GetStream().WriteAsync("CONNECT {\"verbose\":false}\r\nPING\r\n"u8.ToArray(), Ct);
        return client;
    }
}

using NatsKv;
using NatsKv.TestKit;
using NatsKv.Testing;

namespace WorkerSample.Tests;

public sealed class CommandTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SecondTerminal_FindsTheWorkersServerAndTheWorkerFollows()
    {
        using var state = new StateFolder();
        await using SampleProcess worker = SampleProcess.Start(state.Path, null);
        await Eventually.TrueAsync(() => worker.Output.Any(static line => line.Contains("the worker greets", StringComparison.Ordinal)), "the worker is up", ct: Ct);

        (int exitCode, string[] output, _) = await SampleProcess.RunAsync(state.Path, null, "set", "FeatureManagement.NewPricing", "true");
        Assert.Equal(0, exitCode);
        Assert.StartsWith("FeatureManagement.NewPricing = true", Assert.Single(output), StringComparison.Ordinal);
        await SawAsync("FeatureManagement:NewPricing: false -> true");
        await SawAsync("three widgets cost 24.50");

        await SampleProcess.RunAsync(state.Path, null, "set", "Greeting.Text", "Hi", "--ttl", "8s");
        await SawAsync("Greeting:Text: Hello -> Hi");
        await SawAsync("Greeting:Text: Hi -> (none)");

        (_, string[] value, _) = await SampleProcess.RunAsync(state.Path, null, "get", "Greeting.Repeat");
        Assert.Equal("1", Assert.Single(value));
        (_, string[] list, _) = await SampleProcess.RunAsync(state.Path, null, "list", "FeatureManagement.>");
        Assert.Equal("FeatureManagement.NewPricing = true", Assert.Single(list));
        await SampleProcess.RunAsync(state.Path, null, "delete", "Greeting.Repeat");
        await SawAsync("Greeting:Repeat: 1 -> (none)");

        worker.Terminate();
        Assert.Equal(0, await worker.ExitCodeAsync());
        Assert.Empty(worker.Errors);
        (exitCode, _, string[] errors) = await SampleProcess.RunAsync(state.Path, null, "list");
        Assert.Equal(1, exitCode);
        Assert.Contains("No worker is running", Assert.Single(errors), StringComparison.Ordinal);

        Task SawAsync(string text) =>
            Eventually.TrueAsync(() => worker.Output.Any(line => line.Contains(text, StringComparison.Ordinal)), $"the worker printed '{text}'", ct: Ct);
    }

    [Fact]
    public async Task ConfiguredServer_IsUsedAndItsKeysAreKept()
    {
        using var state = new StateFolder();
        await using NatsServer server = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "config" }, Ct);
        await bucket.PutAsync("Greeting.Text", "Mine", cancellationToken: Ct);
        var environment = new Dictionary<string, string?> { ["NatsKv__Url"] = server.Url };
        await using SampleProcess worker = SampleProcess.Start(state.Path, environment);

        await Eventually.TrueAsync(() => worker.Output.Any(static line => line.Contains("greets with \"Mine\"", StringComparison.Ordinal)), "the worker greets", ct: Ct);
        await using SampleProcess watch = SampleProcess.Start(state.Path, environment, "watch");
        await bucket.PutAsync("Greeting.Text", "Yours", cancellationToken: Ct);

        await Eventually.TrueAsync(() => watch.Output.Any(static line => line.Contains("Greeting.Text = Yours", StringComparison.Ordinal)), "the watch prints it", ct: Ct);
        await Eventually.TrueAsync(() => worker.Output.Any(static line => line.Contains("Mine -> Yours", StringComparison.Ordinal)), "the worker prints it", ct: Ct);
    }

    [Theory]
    [InlineData("list", "--url", "nats://127.0.0.1:1", "No NATS server answers at nats://127.0.0.1:1")]
    [InlineData("get", "a b", "--url=nats://127.0.0.1:1", "'a b' is not a legal key")]
    [InlineData("list", "--url", "http://x", "'http://x' is not a NATS URL")]
    public async Task WrongInput_IsOneSentenceAndExitCodeOne(string first, string second, string third, string message)
    {
        using var state = new StateFolder();

        (int exitCode, string[] output, string[] errors) = await SampleProcess.RunAsync(state.Path, null, first, second, third);

        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.StartsWith(message, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--demo")]
    [InlineData]
    public async Task NoServerToBeHad_IsSaidOnceWithTheRemedy(params string[] arguments)
    {
        using var state = new StateFolder();
        var environment = new Dictionary<string, string?>
        {
            ["NATS_SERVER"] = null,
            ["NATSKV_NO_FETCH"] = "1",
            ["XDG_CACHE_HOME"] = state.Path,
            ["PATH"] = state.Path,
        };

        (int exitCode, string[] output, string[] errors) = await SampleProcess.RunAsync(state.Path, environment, arguments);

        Assert.Equal(1, exitCode);
        string sentence = Assert.Single(output.Concat(errors));
        Assert.Contains("nats-server", sentence, StringComparison.Ordinal);
        Assert.Contains("NATS_SERVER", sentence, StringComparison.Ordinal);
    }
}

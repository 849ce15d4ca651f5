using System.Text;
using System.Text.Json.Nodes;
using NatsKv.TestKit;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Buckets.LostWrites;

/// <summary>What counts as proof when the write itself, and what was written right behind the expected revision, can't be found.</summary>
public sealed class LostWriteEvidenceTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatStandsThereIsOlderThanTheCall_ItLost()
    {
        await using Scene scene = await Scene.SetAsync(server, hides: true);
        scene.ChangeInfo(static info => info["ts"] = DateTimeOffset.UtcNow.AddHours(1).ToString("O"));

        Assert.Equal(new NatsKvWriteResult(IsStored: false, 3), await scene.WriteAsync());

        Assert.Equal(1, scene.Transport.Count("$KV."));
    }

    [Fact]
    public async Task StreamKnowsIdsForTooShortATime_TheOutcomeIsUnknown()
    {
        await using Scene scene = await Scene.SetAsync(server, hides: true);
        scene.ChangeInfo(static info => info["config"]!["duplicate_window"] = 1);

        await Assert.ThrowsAsync<NatsKvOutcomeUnknownException>(scene.WriteAsync);

        Assert.Equal("3", await scene.Bucket.GetStringAsync("key", Ct));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UserMayOnlyWrite_TheWriteIsSentAgainOrItsOutcomeIsUnknown(bool hides)
    {
        await using Scene scene = await Scene.SetAsync(server, hides);
        scene.Forbidden = "$JS.API.STREAM.";

        if (hides)
        {
            await Assert.ThrowsAsync<NatsKvOutcomeUnknownException>(scene.WriteAsync);
        }
        else
        {
            Assert.Equal(new NatsKvWriteResult(IsStored: true, 2), await scene.WriteAsync());
        }

        Assert.Equal(hides ? 3UL : 2UL, (await scene.Bucket.GetAsync("key", Ct))!.Revision);
    }

    [Fact]
    public async Task RefusedWhenSentAgain_TheOutcomeIsUnknownBecauseOfTheFirst()
    {
        await using Scene scene = await Scene.SetAsync(server, hides: false);
        scene.Answer = static subject => subject.StartsWith("$KV.", StringComparison.Ordinal)
            ? """{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"}}"""
            : null;

        NatsKvOutcomeUnknownException unknown = await Assert.ThrowsAsync<NatsKvOutcomeUnknownException>(scene.WriteAsync);

        Assert.IsType<NatsKvBucketFullException>(unknown.InnerException);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NothingWasSentWithinTheFirstShare_TheFirstAnswerDecides(bool hides)
    {
        var time = new ManualTimeProvider();
        await using Scene scene = await Scene.SetAsync(server, hides, time);

        // A little less than half the call's time: waits are cut to whole milliseconds.
        scene.Failure = () =>
        {
            time.Advance(TimeSpan.FromSeconds(2.4));
            return new NatsKvConnectionException(NatsKvConnectionFailure.Unreachable, "nats://away", "Away.");
        };

        Assert.Equal(hides ? new NatsKvWriteResult(IsStored: false, 3) : new NatsKvWriteResult(IsStored: true, 2), await scene.WriteAsync());

        Assert.Equal(["$KV.", "$KV."], scene.Transport.Subjects.Select(static subject => subject[..4]));
    }

    /// <summary>A key at revision 1, and a conditional write on that whose request gets lost.</summary>
    private sealed class Scene(NatsKvClient client, INatsKvBucket bucket, RecordingTransport transport) : IAsyncDisposable
    {
        public INatsKvBucket Bucket => bucket;

        public RecordingTransport Transport => transport;

        /// <summary>What this user may not send to, from the write on.</summary>
        public string? Forbidden { get; set; }

        /// <summary>How the request ends.</summary>
        public Func<NatsKvException> Failure { get; set; } = static () => new NatsKvConnectionException(NatsKvConnectionFailure.Lost, "nats://lost", "Lost.");

        /// <summary>What to answer in the server's place.</summary>
        public Func<string, string?>? Answer { get; set; }

        public static async Task<Scene> SetAsync(Server server, bool hides, TimeProvider? time = null)
        {
            (NatsKvClient other, INatsKvBucket theirs) = await server.NewBucketAsync();
            await using NatsKvClient _ = other;
            await theirs.PutAsync("key", "1", cancellationToken: Ct);
            RecordingTransport? transport = null;
            var options = new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) };
            if (time is null)
            {
                options.RequestTimeout = TimeSpan.FromMinutes(1);
            }

            var client = new NatsKvClient(options, timeProvider: time);
            INatsKvBucket bucket = await client.GetBucketAsync(theirs.Name, Ct);
            var scene = new Scene(client, bucket, transport!);
            int writes = 0;
            transport!.Subjects.Clear();
            transport.BeforeRequest = async subject =>
            {
                if (subject.StartsWith("$KV.", StringComparison.Ordinal) && Interlocked.Increment(ref writes) == 1)
                {
                    if (hides)
                    {
                        await scene.HideAsync(server);
                    }

                    throw scene.Failure();
                }

                if (scene.Forbidden is { } forbidden && subject.StartsWith(forbidden, StringComparison.Ordinal))
                {
                    throw new NatsKvPermissionException(subject, "Forbidden.");
                }
            };
            transport.Answer = (subject, payload) => scene.Answer?.Invoke(subject) is { } answer ? Encoding.UTF8.GetBytes(answer) : payload;
            return scene;
        }

        public Task<NatsKvWriteResult> WriteAsync() => bucket.TryUpdateAsync("key", "mine", 1, cancellationToken: Ct).AsTask();

        public void ChangeInfo(Action<JsonNode> change) => transport.Answer = (subject, payload) =>
        {
            if (!subject.StartsWith("$JS.API.STREAM.INFO", StringComparison.Ordinal))
            {
                return payload;
            }

            JsonNode info = JsonNode.Parse(payload)!;
            change(info);
            return Encoding.UTF8.GetBytes(info.ToJsonString());
        };

        public ValueTask DisposeAsync() => client.DisposeAsync();

        // Two unconditional writes, of which the bucket keeps the last.
        private async Task HideAsync(Server server)
        {
            await using NatsKvClient other = server.NewClient();
            await other.Bind(bucket.Name).PutAsync("key", "2", cancellationToken: Ct);
            await other.Bind(bucket.Name).PutAsync("key", "3", cancellationToken: Ct);
        }
    }
}

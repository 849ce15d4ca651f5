using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace NatsKv.Configuration.Tests.Live;

/// <summary>A bucket of 100,000 keys. Writes what it measures to the test's output; what it asserts is only that nothing is badly wrong.</summary>
[Collection("Alone")]
public sealed class LargeBucketTests(Server server) : LiveTest(server)
{
    private const int Keys = 100_000;
    private const int Changes = 101;

    [Fact]
    public async Task HundredThousandKeys_OneChange_IsRaisedSoon()
    {
        string value = new('v', 64);
        foreach (int[] chunk in Enumerable.Range(0, Keys).Chunk(1000))
        {
            await Task.WhenAll(chunk.Select(async i => await Bucket.PutAsync($"Section{i % 100}.Key{i}", value, cancellationToken: Cancellation)));
        }

        Load();
        long start = Stopwatch.GetTimestamp();
        IConfigurationRoot root = Load(static source => source.ReloadDelay = TimeSpan.Zero);
        TimeSpan hydrate = Stopwatch.GetElapsedTime(start);
        Assert.Equal(value, root["section99:key99999"]);

        await MeasureAsync("a value", root, i => $"Section0.Key{i * 100}");
        await MeasureAsync("a new key", root, i => $"New.Key{i}");
        TestContext.Current.TestOutputHelper?.WriteLine($"Load of {Keys} keys of 64 bytes, the second in this process: {hydrate.TotalMilliseconds:F0} ms.");
    }

    private async Task MeasureAsync(string what, IConfigurationRoot root, Func<int, string> keyOf)
    {
        using var raised = new SemaphoreSlim(0);
        using IDisposable registration = ChangeToken.OnChange(root.GetReloadToken, () => raised.Release());
        var times = new List<double>(Changes);
        for (int i = 0; i < Changes; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await Bucket.PutAsync(keyOf(i), $"changed {i}", cancellationToken: Cancellation);
            Assert.True(await raised.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Assert.Equal($"changed {i}", root[keyOf(i).Replace('.', ':')]);
        }

        times.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"From the put of {what} until the reload is raised: median {times[Changes / 2]:F2} ms, worst {times[^1]:F2} ms of {Changes}.");
        Assert.InRange(times[Changes / 2], 0, 1000);
    }
}

using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using NatsKv.Testing;
using NatsKv.Testing.Wire;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>
/// Asks a server's JetStream in plain requests, past the client under test: what a bucket holds by its leader's word, which consumers it
/// has; and does to it what others may do.
/// </summary>
internal sealed class JetStreamProbe(NatsServer server)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);
    private static readonly WireCredentials NoLogin = new(null, null, null);

    /// <summary>One request, over a connection of its own.</summary>
    /// <returns>The answer; <see langword="null"/> when nobody answers within 3 s, the server isn't there, or the answer is an error.</returns>
    public async Task<JsonElement?> TryRequestAsync(string subject, string payload = "", CancellationToken ct = default)
    {
        try
        {
            JsonElement answer = await RequestAsync(subject, payload, ct);
            return answer.TryGetProperty("error", out _) ? null : answer;
        }
        catch (Exception error) when (error is SocketException or IOException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>One request, over a connection of its own.</summary>
    /// <exception cref="TimeoutException">Nobody answered within 3 s.</exception>
    public async Task<JsonElement> RequestAsync(string subject, string payload = "", CancellationToken ct = default)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(Deadline);
        try
        {
            await using WireConnection connection = await WireConnection.ConnectAsync(server.Port, NoLogin, timeout.Token);
            return await AskAsync(connection, subject, payload, timeout.Token);
        }
        catch (OperationCanceledException error) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"Nobody answered {subject}.", error);
        }
    }

    /// <summary>Removes messages of a bucket as no Key/Value client does: without a marker, and no watch is told.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key, a filter, or <see langword="null"/> for everything.</param>
    public Task<JsonElement> PurgeAsync(string bucket, string? key = null, CancellationToken ct = default) => RequestAsync(
        $"$JS.API.STREAM.PURGE.KV_{bucket}", key is null ? "" : $$"""{"filter":"$KV.{{bucket}}.{{key}}"}""", ct);

    /// <summary>The names of a bucket's consumers, by the word of whoever leads JetStream; none if there is no such bucket.</summary>
    public async Task<string[]> ConsumersAsync(string bucket, CancellationToken ct = default)
    {
        JsonElement answer = await RequestAsync($"$JS.API.CONSUMER.NAMES.KV_{bucket}", """{"offset":0}""", ct);
        return answer.TryGetProperty("consumers", out JsonElement names) && names.ValueKind == JsonValueKind.Array
            ? [.. names.EnumerateArray().Select(static name => name.GetString()!)]
            : [];
    }

    /// <summary>Deletes all consumers of a bucket, as an administrator may.</summary>
    public async Task DeleteConsumersAsync(string bucket, CancellationToken ct = default)
    {
        foreach (string name in await ConsumersAsync(bucket, ct))
        {
            await RequestAsync($"$JS.API.CONSUMER.DELETE.KV_{bucket}.{name}", "", ct);
        }
    }

    /// <summary>The leader of a bucket's stream and the replicas that are not up to date, as this server sees it; <see langword="null"/> if it doesn't know.</summary>
    public async Task<(string Leader, string[] Behind)?> ReplicasAsync(string bucket, CancellationToken ct = default)
    {
        JsonElement? info = await TryRequestAsync($"$JS.API.STREAM.INFO.KV_{bucket}", "", ct);
        return info?.GetProperty("cluster") is { } cluster && cluster.TryGetProperty("leader", out JsonElement leader) && cluster.TryGetProperty("replicas", out JsonElement replicas)
            ? (leader.GetString()!, [.. replicas.EnumerateArray().Where(static replica => !IsCurrent(replica)).Select(static replica => replica.GetProperty("name").GetString()!)])
            : null;
    }

    /// <summary>
    /// What a bucket holds: the newest message of every key, markers included, each by the leader's word. It asks for the names, and then for
    /// one key after the other, so the bucket must be at rest.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no such bucket, or it has no leader.</exception>
    public async Task<IReadOnlyDictionary<string, StoredEntry>> ReadAllAsync(string bucket, CancellationToken ct = default)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(Deadline * 5);
        await using WireConnection connection = await WireConnection.ConnectAsync(server.Port, NoLogin, timeout.Token);
        var entries = new Dictionary<string, StoredEntry>(StringComparer.Ordinal);
        foreach (string subject in await SubjectsAsync(connection, bucket, timeout.Token))
        {
            JsonElement answer = await AskAsync(connection, $"$JS.API.STREAM.MSG.GET.KV_{bucket}", $$"""{"last_by_subj":"{{subject}}"}""", timeout.Token);

            // One that has expired since it was named.
            if (answer.TryGetProperty("message", out JsonElement message))
            {
                entries.Add(subject[$"$KV.{bucket}.".Length..], StoredEntry.From(message));
            }
        }

        return entries;
    }

    private static async Task<IEnumerable<string>> SubjectsAsync(WireConnection connection, string bucket, CancellationToken ct)
    {
        JsonElement info = await AskAsync(connection, $"$JS.API.STREAM.INFO.KV_{bucket}", """{"subjects_filter":">"}""", ct);
        if (info.TryGetProperty("error", out JsonElement error))
        {
            throw new InvalidOperationException(error.GetRawText());
        }

        if (info.TryGetProperty("cluster", out JsonElement cluster) && cluster.TryGetProperty("replicas", out _)
            && !(cluster.TryGetProperty("leader", out JsonElement leader) && leader.GetString() is { Length: > 0 }))
        {
            throw new InvalidOperationException("The bucket has no leader.");
        }

        return info.GetProperty("state").TryGetProperty("subjects", out JsonElement subjects)
            ? [.. subjects.EnumerateObject().Select(static subject => subject.Name)]
            : [];
    }

    private static bool IsCurrent(JsonElement replica) =>
        replica.GetProperty("current").GetBoolean() && !replica.TryGetProperty("lag", out _) && !replica.TryGetProperty("offline", out _);

    private static async Task<JsonElement> AskAsync(WireConnection connection, string subject, string payload, CancellationToken ct)
    {
        using JsonDocument? answer = await connection.RequestAsync(subject, payload, ct);
        return answer?.RootElement.Clone() ?? throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"Nobody listens to {subject}."));
    }
}

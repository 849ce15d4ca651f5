using NATS.Client.Core;

namespace NatsKv.NatsNet;

/// <summary>What the official client tells of the server, in our words.</summary>
internal static class ServerDescription
{
    private static readonly Version WithApiLevel1 = new(2, 11);
    private static readonly Version WithApiLevel2 = new(2, 12);

    public static NatsKvServerInfo From(INatsServerInfo info) => new()
    {
        Id = info.Id,
        Name = info.Name,
        Version = info.Version,
        Cluster = info.Cluster,
        JetStream = info.JetStreamAvailable,
        ApiLevel = ApiLevel(info.Version),
        MaxPayload = info.MaxPayload,
    };

    // The client doesn't tell it. The lowest that a server of that version has is enough for what is decided by it.
    private static int ApiLevel(string text) =>
        !Version.TryParse(text.Split('-')[0], out Version? version) || version < WithApiLevel1 ? 0 : version < WithApiLevel2 ? 1 : 2;
}

using NatsKv.LoadTest.Rows;

namespace NatsKv.LoadTest.Peers;

/// <summary>The rows of other clients, if they were compiled in.</summary>
internal static partial class PeerRows
{
    public const string NatsNet = "natsnet";

    private const string NatsNetIsMissing =
        "--peer natsnet needs a build with -p:NatsNet=true, on a machine that has the official client's packages, or also with "
        + "-p:NatsNetAssembly=<path to a NATS.Client.Core.dll, NATS.Client.KeyValueStore.dll and what they need beside it>.";

    /// <summary>Why a peer can't be measured; <see langword="null"/> if it can, or none is asked for.</summary>
    public static string? WhatIsMissing(string? peer)
    {
        if (peer is not (null or NatsNet))
        {
            throw new ArgumentException($"There is no peer '{peer}'. There is: {NatsNet}.");
        }

        bool isBuilt = false;
        FindNatsNet(ref isBuilt);
        return peer is null || isBuilt ? null : NatsNetIsMissing;
    }

    /// <summary>What a peer has beside one of our rows.</summary>
    public static IReadOnlyList<IRow> Of(string? peer, IRow row)
    {
        List<IRow> rows = [];
        if (peer == NatsNet)
        {
            AddNatsNet(row, rows);
        }

        return rows;
    }

    // Calls of these vanish in a build without the official client.
    static partial void FindNatsNet(ref bool isBuilt);

    static partial void AddNatsNet(IRow row, List<IRow> rows);
}

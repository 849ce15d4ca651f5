using NatsKv.LoadTest.Peers.NatsNet;
using NatsKv.LoadTest.Rows;

namespace NatsKv.LoadTest.Peers;

/// <content>The official client: below our own as a transport, and with its own Key/Value API.</content>
internal static partial class PeerRows
{
    static partial void FindNatsNet(ref bool isBuilt) => isBuilt = true;

    static partial void AddNatsNet(IRow row, List<IRow> rows)
    {
        if (!row.IsQuick)
        {
            return;
        }

        switch (row)
        {
            case GetRow:
                rows.AddRange([new AdapterRow(row), new NatsNetGetRow(row)]);
                break;
            case PutRow:
                rows.AddRange([new AdapterRow(row), new NatsNetPutRow(row)]);
                break;
            case HydrateRow hydrate:
                rows.AddRange([new AdapterRow(row), new NatsNetHydrateRow(hydrate)]);
                break;
        }
    }
}

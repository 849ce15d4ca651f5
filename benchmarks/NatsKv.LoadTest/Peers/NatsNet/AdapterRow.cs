using NATS.Client.Core;
using NatsKv.LoadTest.Reporting;
using NatsKv.LoadTest.Rows;

namespace NatsKv.LoadTest.Peers.NatsNet;

/// <summary>One of our rows, with our client over a connection of the official client.</summary>
internal sealed class AdapterRow(IRow counterpart) : IPeerRow
{
    public IRow Counterpart => counterpart;

    public string Name => counterpart.Name + "-natsnet-adapter";

    public int Callers => counterpart.Callers;

    public int ValueBytes => counterpart.ValueBytes;

    public bool IsQuick => counterpart.IsQuick;

    public RowResult Measure(RowContext context)
    {
        var connection = new NatsConnection(new NatsOpts { Url = context.Url });
        try
        {
            using var client = new NatsKvClient(new NatsKvOptions().UseNatsNet(connection));
            return counterpart.Measure(context with { Client = client }) with { Name = Name };
        }
        finally
        {
            connection.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}

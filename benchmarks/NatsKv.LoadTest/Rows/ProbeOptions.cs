namespace NatsKv.LoadTest.Rows;

/// <summary>Options that are bound to the bucket's key <c>Probe.Number</c>.</summary>
internal sealed class ProbeOptions
{
    public const string Section = "Probe";
    public const string Key = "Probe.Number";

    public long Number { get; set; }
}

namespace NatsKv.Testing.Locating;

/// <summary>What distinguishes one line of nats-server from another when it is looked for. Pure.</summary>
/// <param name="Minimum">The oldest version that will do.</param>
/// <param name="Below">The first version that is too new, if any.</param>
/// <param name="DebianSuite">The Debian suite that carries it.</param>
/// <param name="GitHubTag">The official release; <see langword="null"/> for whichever is the latest.</param>
/// <param name="PathVariable">The environment variable that may name an executable.</param>
internal sealed record ServerLine(Version Minimum, Version? Below, string DebianSuite, string? GitHubTag, string PathVariable)
{
    private static readonly ServerLine Latest = new(new Version(2, 11), null, "forky", null, "NATS_SERVER");
    private static readonly ServerLine TwoTen = new(new Version(2, 10), new Version(2, 11), "trixie", "v2.10.27", "NATS_SERVER_2_10");
    private static readonly ServerLine TwoNine = new(new Version(2, 9), new Version(2, 10), "bookworm", "v2.9.10", "NATS_SERVER_2_9");

    public string Description => Below is null ? $"nats-server {Minimum} or newer" : $"nats-server {Minimum}";

    public static ServerLine Of(NatsServerVersion version) => version switch
    {
        NatsServerVersion.V2_10 => TwoTen,
        NatsServerVersion.V2_9 => TwoNine,
        _ => Latest,
    };

    public bool Contains(Version version) => version >= Minimum && (Below is null || version < Below);
}

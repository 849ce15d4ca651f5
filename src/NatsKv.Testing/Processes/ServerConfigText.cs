using System.Globalization;
using System.Text;

namespace NatsKv.Testing.Processes;

/// <summary>Writes the configuration in nats-server's own language. Pure.</summary>
internal static class ServerConfigText
{
    public static string Write(NatsServerOptions options, string name, string storeFolder, string portsFolder, int port, int clusterPort, ClusterRoutes? cluster)
    {
        var text = new StringBuilder();
        Line(text, $"server_name: {Quote(name)}");
        Line(text, $"host: \"127.0.0.1\"");
        Line(text, $"port: {OrAny(port)}");
        Line(text, $"http: \"127.0.0.1:-1\"");
        Line(text, $"ports_file_dir: {Quote(portsFolder)}");
        if (options.JetStream)
        {
            string domain = options.JetStreamDomain is { } own ? $", domain: {Quote(own)}" : "";
            Line(text, $"jetstream {{ store_dir: {Quote(storeFolder)}{domain} }}");
        }

        if (options.User is not null)
        {
            Line(text, $"authorization {{ user: {Quote(options.User)}, password: {Quote(options.Password!)} }}");
        }
        else if (options.Token is not null)
        {
            Line(text, $"authorization {{ token: {Quote(options.Token)} }}");
        }

        if (cluster is not null)
        {
            // Nodes tell each other under which address further ones are to be reached, and then connect directly, past the proxies.
            // So they advertise one where nobody listens; only the routes listed here lead anywhere.
            string routes = string.Join(", ", cluster.RoutePorts.Select(route => $"\"nats://127.0.0.1:{route}\""));
            Line(text, $"cluster {{ name: {Quote(cluster.ClusterName)}, listen: \"127.0.0.1:{OrAny(clusterPort)}\", no_advertise: true, advertise: \"127.0.0.1:1\", routes: [{routes}] }}");
        }

        return text.Append(options.ExtraConfiguration).Append('\n').ToString();
    }

    public static string Quote(string value)
    {
        var quoted = new StringBuilder("\"");
        foreach (char symbol in value)
        {
            if (char.IsControl(symbol))
            {
                throw new ArgumentException("Names, paths and credentials of a server can't hold control characters.", nameof(value));
            }

            quoted.Append(symbol is '"' or '\\' ? "\\" : string.Empty).Append(symbol);
        }

        return quoted.Append('"').ToString();
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string OrAny(int port) => port == 0 ? "-1" : port.ToString(CultureInfo.InvariantCulture);
}

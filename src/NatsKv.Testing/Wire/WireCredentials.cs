namespace NatsKv.Testing.Wire;

/// <summary>What a connection logs in with; prints nothing of it.</summary>
internal sealed class WireCredentials(string? user, string? password, string? token)
{
    public string? User => user;

    public string? Password => password;

    public string? Token => token;

    public static WireCredentials Of(NatsServerOptions options) => new(options.User, options.Password, options.Token);
}

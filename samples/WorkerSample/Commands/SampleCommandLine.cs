using System.CommandLine;
using NatsKv;
using NatsKv.Testing;

namespace WorkerSample.Commands;

/// <summary>The command line of the sample.</summary>
internal static class SampleCommandLine
{
    private static readonly Option<string?> Url = new("--url")
    {
        Description = "The NATS server. Without it: NatsKv__Url or ConnectionStrings__nats; else a server of the sample's own.",
        Recursive = true,
    };

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var output = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
            return await Build().Parse(args).InvokeAsync(output);
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (Exception exception) when (exception is NatsKvException or NatsServerNotFoundException or NatsServerStartException or ArgumentException or InvalidOperationException)
        {
            // Each of these names the thing and the remedy; a stack trace would only hide it.
            Console.Error.WriteLine((exception.GetBaseException() is NatsKvException cause ? cause : exception).Message);
            return 1;
        }
    }

    private static RootCommand Build()
    {
        var demo = new Option<bool>("--demo") { Description = "Play the whole story by itself and exit." };
        var root = new RootCommand("A worker whose feature flags, options and cache live on NATS.") { Url, demo };
        root.SetAction((result, cancellationToken) => result.GetValue(demo)
            ? DemoCommand.RunAsync(cancellationToken)
            : RunCommand.RunAsync(result.GetValue(Url), cancellationToken));

        var key = new Argument<string>("key") { Description = "A key of the bucket, like FeatureManagement.NewPricing." };
        var value = new Argument<string>("value") { Description = "The new value." };
        var filter = new Argument<string>("filter") { Description = "Which keys: * stands for one token, a closing > for the rest.", DefaultValueFactory = _ => ">" };
        var ttl = new Option<string?>("--ttl") { Description = "How long the value lives, like 30s, 5m or 1.5h." };

        root.Subcommands.Add(Command("set", "Write a key.", [key, value], ttl, (commands, result, ct) =>
            commands.SetAsync(result.GetRequiredValue(key), result.GetRequiredValue(value), result.GetValue(ttl), ct)));
        root.Subcommands.Add(Command("get", "Read a key.", [key], null, (commands, result, ct) => commands.GetAsync(result.GetRequiredValue(key), ct)));
        root.Subcommands.Add(Command("delete", "Delete a key.", [key], null, (commands, result, ct) => commands.DeleteAsync(result.GetRequiredValue(key), ct)));
        root.Subcommands.Add(Command("list", "List the keys and their values.", [filter], null, (commands, result, ct) => commands.ListAsync(result.GetRequiredValue(filter), ct)));
        root.Subcommands.Add(Command("watch", "Follow the keys until Ctrl+C.", [filter], null, (commands, result, ct) => commands.WatchAsync(result.GetRequiredValue(filter), ct)));
        return root;
    }

    private static Command Command(
        string name, string description, Argument[] arguments, Option? option, Func<KeyCommands, ParseResult, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description);
        Array.ForEach(arguments, command.Arguments.Add);
        if (option is not null)
        {
            command.Options.Add(option);
        }

        command.SetAction(async (result, cancellationToken) =>
        {
            await using KeyCommands commands = KeyCommands.Open(result.GetValue(Url));
            return await run(commands, result, cancellationToken);
        });
        return command;
    }
}

namespace NatsKv.Testing.Locating;

/// <summary>What a program that ran to its end left.</summary>
internal sealed record ExternalCommandResult(int ExitCode, string Output, string Errors)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last line it complained with, for a message.</summary>
    public string Complaint =>
        Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"exit code {ExitCode}";
}

namespace WorkerSample.Tests;

/// <summary>A folder that stands for a user's own, gone with the test.</summary>
internal sealed class StateFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("natskv-sample-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

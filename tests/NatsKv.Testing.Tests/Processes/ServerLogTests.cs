using NatsKv.Testing.Processes;

namespace NatsKv.Testing.Tests.Processes;

public sealed class ServerLogTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Tail_LongLog_GivesItsEnd()
    {
        File.WriteAllLines(_file, Enumerable.Range(0, 100).Select(number => $"line {number}"));
        string[] tail = ServerLog.Tail(_file, 0).Split(Environment.NewLine);
        Assert.Equal("line 99", tail[^1]);
        Assert.Equal(15, tail.Length);
    }

    [Fact]
    public void Tail_FromAPosition_LeavesOutWhatWasThereBefore()
    {
        File.WriteAllText(_file, "old\n");
        long position = new FileInfo(_file).Length;
        File.AppendAllText(_file, "new\n");
        Assert.Equal("new", ServerLog.Tail(_file, position));
    }

    [Fact]
    public void Tail_WithSecrets_HidesThem()
    {
        File.WriteAllText(_file, "password is hunter2, token is abc\n");
        Assert.Equal("password is ***, token is ***", ServerLog.Tail(_file, 0, "hunter2", null, "abc"));
    }

    [Fact]
    public void Tail_NoLog_IsEmpty() => Assert.Empty(ServerLog.Tail(_file + ".missing", 0));
}

namespace WorkerSample.Demo;

/// <summary>Waits for what is to come, but not for ever.</summary>
internal static class Patience
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks again and again.</summary>
    /// <returns>Whether it became true in time.</returns>
    public static async Task<bool> UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, TimeProvider.System);
        while (!await condition())
        {
            if (deadline.IsCancellationRequested)
            {
                return false;
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }

        return true;
    }

    /// <summary>Waits for a task.</summary>
    /// <returns>Whether it completed in time.</returns>
    public static async Task<bool> ForAsync(Task task, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(Deadline, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}

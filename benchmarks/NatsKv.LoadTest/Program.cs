using NatsKv.LoadTest.Commands;

return await LoadTestCommandLine.RunAsync(args);

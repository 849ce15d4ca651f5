using WorkerSample.Commands;

return await SampleCommandLine.RunAsync(args);

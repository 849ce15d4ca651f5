using BenchmarkDotNet.Running;
using NatsKv.Benchmarks;

// By itself it runs everything; with --filter *Key* a part.
BenchmarkSwitcher.FromAssembly(typeof(InProcessConfig).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, new InProcessConfig());

using BenchmarkDotNet.Running;
using NatsKv.Benchmarks;

// By itself it runs everything; with --filter *Key* a part. Short runs, unless --job names others.
string[] what = args.Length == 0 ? ["--filter", "*"] : args;
string[] job = what.Any(static arg => arg is "--job" or "-j") ? [] : ["--job", "Short"];
BenchmarkSwitcher.FromAssembly(typeof(InProcessConfig).Assembly).Run([.. what, .. job], new InProcessConfig());

using System.Globalization;
using System.Reflection;
using OrthancCachePlugin.UnitTests;
using Xunit.Sdk;

// Runs all tests of the assembly beside this program, prints what failed, and ends with 1 where something failed or was skipped.
using var results = new Results();
using var executor = new XunitTestFrameworkExecutor(AssemblyName.GetAssemblyName(Path.Combine(AppContext.BaseDirectory, "OrthancCachePlugin.Tests.dll")), new NoSource(), results);
var options = new Options();
options.SetValue<bool?>("xunit.execution.DisableParallelization", true);
executor.RunAll(results, options, options);
results.Wait();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{results.Passed} passed, {results.Failed} failed, {results.Skipped} skipped"));
Environment.Exit(results is { Passed: > 0, Failed: 0, Skipped: 0 } ? 0 : 1);

using System.Globalization;
using FsCheck;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>Runs a property from a seed that is printed when it fails; <c>RESPONSE_CACHE_SEED</c> repeats it.</summary>
internal static class Properties
{
    public static void Hold(Property property, int runs = 1000)
    {
        var text = Environment.GetEnvironmentVariable("RESPONSE_CACHE_SEED");
        var seed = ulong.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : (ulong)Random.Shared.NextInt64();
        try
        {
            Check.One(WithSeed(seed, runs), property);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"RESPONSE_CACHE_SEED={seed}", exception);
        }
    }

    public static Config WithSeed(ulong seed, int runs) => Config.QuickThrowOnFailure
        .WithMaxTest(runs)
        .WithReplay(new Replay(new Rnd(seed, (2 * seed) + 1), Microsoft.FSharp.Core.FSharpOption<int>.None));
}

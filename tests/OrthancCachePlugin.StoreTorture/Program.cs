using System.Globalization;
using OrthancCachePlugin.StoreTorture;

int Number(int index, int otherwise) => args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : otherwise;

switch (args.FirstOrDefault())
{
    case "kill-child":
        return KillRounds.Child(args[1], Number(2, 0));
    case "hold-child":
        return Held.Hold(args[1]);
    case "chmod-child":
        return Held.Chmod(args[1]);
    case "damage-base":
        DamageCases.Prepare(args[1]);
        return 0;
    case "damage-child":
        return DamageCases.Child(args[1], Number(2, 0), Number(3, 0), Number(4, 1));
}

var directory = Directory.CreateTempSubdirectory("store-torture-").FullName;
try
{
    return args.FirstOrDefault() switch
    {
        "kill" => KillRounds.Run(Path.Combine(directory, "store"), Number(1, 200), Number(2, 1)) ? 0 : 1,
        "damage" => DamageCases.Run(directory, Number(1, 400), Number(2, 1)) ? 0 : 1,
        "traces" => Figures.Traces(directory, Number(1, 40_000), Number(2, 400_000)) ? 0 : 1,
        "recovery" => Figures.Recovery(directory, Number(1, 1024)) ? 0 : 1,
        "peak" => Figures.Peak(directory, Number(1, 20)) ? 0 : 1,
        "flood" => Figures.Flood(directory, Number(1, 50), Number(2, 10)) ? 0 : 1,
        "lookup" => Figures.Lookup(directory, Number(1, 100_000)) ? 0 : 1,
        "speed" => Figures.Speed(directory) ? 0 : 1,
        _ => Usage(),
    };
}
finally
{
    Directory.Delete(directory, recursive: true);
}

static int Usage()
{
    Console.WriteLine("""
        kill [rounds] [seed]        kill -9 at random moments under load
        damage [cases] [seed]       change files in every way, then open
        traces [keys] [requests]    hit ratio against an exact LRU
        recovery [MiB]              time to open a full store
        peak [seconds]              disk use against the cap under load
        flood [threads] [seconds]   memory under large responses
        lookup [entries]            lookups per second of entries on disk
        speed                       time and allocation of a hit
        """);
    return 2;
}

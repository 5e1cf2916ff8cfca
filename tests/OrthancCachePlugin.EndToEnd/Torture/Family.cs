using OrthancCachePlugin.EndToEnd.Dicom;

namespace OrthancCachePlugin.EndToEnd.Torture;

/// <summary>One patient with all resources that it may ever have, present or not. What a mutation touches lies within one family.</summary>
internal sealed class Family
{
    private const int Studies = 2;
    private const int SeriesPerStudy = 2;
    private const int InstancesPerSeries = 3;

    public Family(int number)
    {
        Number = number;
        Files =
        [
            .. from study in Enumerable.Range(1, Studies)
               from series in Enumerable.Range(1, SeriesPerStudy)
               from instance in Enumerable.Range(1, InstancesPerSeries)
               select new DicomBuilder(number, study, series, instance),
        ];
        Resources =
        [
            .. Files.SelectMany(f => new[]
            {
                ("patients", OrthancId.Patient(f)), ("studies", OrthancId.Study(f)), ("series", OrthancId.Series(f)), ("instances", OrthancId.Instance(f)),
            }).Distinct(),
        ];
        Targets = [.. Resources.SelectMany(r => Target.Of(r.Level, r.Id))];
    }

    public int Number { get; }

    public IReadOnlyList<DicomBuilder> Files { get; }

    public IReadOnlyList<(string Level, string Id)> Resources { get; }

    public IReadOnlyList<Target> Targets { get; }

    public string PatientId => OrthancId.Patient(Files[0]);
}

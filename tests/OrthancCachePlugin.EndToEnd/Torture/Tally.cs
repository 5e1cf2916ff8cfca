using System.Globalization;
using System.Text;

namespace OrthancCachePlugin.EndToEnd.Torture;

/// <summary>Counts per operation. Not thread-safe.</summary>
internal sealed class Tally
{
    private const int FailuresToShow = 40;
    private readonly SortedDictionary<string, Row> rows = new(StringComparer.Ordinal);

    public List<string> Failures { get; } = [];

    public int Comparisons => rows.Values.Sum(r => r.Comparisons);

    public int Hits => rows.Values.Sum(r => r.Hits);

    public int NotModified => rows.Values.Sum(r => r.NotModified);

    public Row For(string operation)
    {
        if (!rows.TryGetValue(operation, out var row))
        {
            rows[operation] = row = new Row();
        }

        return row;
    }

    public void Fail(string text)
    {
        if (Failures.Count < FailuresToShow)
        {
            Failures.Add(text);
        }
    }

    /// <summary>Takes over what another writer counted.</summary>
    public void Add(Tally other)
    {
        foreach (var (name, row) in other.rows)
        {
            For(name).Add(row);
        }

        other.Failures.ForEach(Fail);
    }

    public string Table(string title)
    {
        var text = new StringBuilder();
        text.AppendLine(title);
        text.AppendLine("operation                      steps  comparisons  stale   hits  conditional    304  wrong 304");
        var sum = new Row();
        foreach (var (name, row) in rows)
        {
            Line(text, name, row);
            sum.Add(row);
        }

        Line(text, "all", sum);
        return text.ToString();
    }

    private static void Line(StringBuilder text, string name, Row row) => text.AppendLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-30} {row.Steps,5} {row.Comparisons,12} {row.Stale,6} {row.Hits,6} {row.Conditional,12} {row.NotModified,6} {row.Wrong,10}"));

    /// <summary>The counts of one operation.</summary>
    public sealed class Row
    {
        public int Steps { get; set; }

        public int Comparisons { get; set; }

        public int Stale { get; set; }

        public int Hits { get; set; }

        public int Conditional { get; set; }

        public int NotModified { get; set; }

        public int Wrong { get; set; }

        public void Add(Row other)
        {
            Steps += other.Steps;
            Comparisons += other.Comparisons;
            Stale += other.Stale;
            Hits += other.Hits;
            Conditional += other.Conditional;
            NotModified += other.NotModified;
            Wrong += other.Wrong;
        }
    }
}

using System.Globalization;

namespace OrthancCachePlugin.NativeHost.Tests.Layout;

/// <summary>Names and numbers. Names compare without case: C writes <c>getCount</c> where C# writes <c>GetCount</c>.</summary>
internal sealed class LayoutTable
{
    private readonly SortedDictionary<string, int> _values = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<string> Names => _values.Keys;

    public int this[string name] => _values[name];

    public static LayoutTable Parse(string output)
    {
        var table = new LayoutTable();
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            table.Add(line[..space], int.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture));
        }

        return table;
    }

    public void Add(string name, int value) => _values.Add(name, value);

    public bool Remove(string name) => _values.Remove(name);

    public bool Contains(string name) => _values.ContainsKey(name);

    /// <summary>One "name value" a line, for comparison and for messages.</summary>
    public IReadOnlyList<string> Lines() =>
        [.. _values.Select(pair => FormattableString.Invariant($"{pair.Key.ToUpperInvariant()} {pair.Value}"))];
}

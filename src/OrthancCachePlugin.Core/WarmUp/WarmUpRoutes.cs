using System.Text;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>The option <c>WarmUpRoutes</c>: what is warmed at each level. Immutable.</summary>
public sealed class WarmUpRoutes
{
    private readonly WarmUpRoute[][] _levels;

    public WarmUpRoutes(IEnumerable<string> routes, IReadOnlyCollection<string>? excluded = null)
    {
        WarmUpRoute[] parents = [.. routes.Select(r => new WarmUpRoute(r))];

        // An instance has "tags" where a series has "instances-tags"; of one instance alone, all tags are shared.
        WarmUpRoute[] instances =
        [
            .. parents
                .Select(r => r.Text)
                .Where(t => !t.StartsWith("shared-tags", StringComparison.Ordinal))
                .Select(t => t.StartsWith("instances-tags", StringComparison.Ordinal) ? t["instances-".Length..] : t)
                .Distinct(StringComparer.Ordinal)
                .Select(t => new WarmUpRoute(t)),
        ];

        _levels = new WarmUpRoute[(int)ResourceLevel.Instance + 1][];
        for (var level = ResourceLevel.Patient; level <= ResourceLevel.Instance; level++)
        {
            var path = Encoding.ASCII.GetString(ResourceLevels.PathOf(level));
            _levels[(int)level] = Array.FindAll(
                level == ResourceLevel.Instance ? instances : parents, r => excluded is null || !excluded.Contains($"{path}/{r.Name}"));
        }
    }

    public IReadOnlyList<WarmUpRoute> Of(ResourceLevel level) => _levels[(int)level];
}

/// <summary>A route with arguments, as <c>shared-tags?short</c>. Immutable.</summary>
public sealed class WarmUpRoute
{
    private readonly byte[] _name;
    private readonly KeyValuePair<byte[], byte[]>[] _arguments;

    public WarmUpRoute(string text)
    {
        var parts = text.Split('?', 2);
        Text = text;
        Name = parts[0];
        _name = Encoding.UTF8.GetBytes(Name);
        _arguments = parts.Length == 1 ? [] : Array.ConvertAll(parts[1].Split('&'), Argument);
    }

    public string Text { get; }

    public string Name { get; }

    public int ArgumentCount => _arguments.Length;

    public ReadOnlySpan<byte> ArgumentName(int index) => _arguments[index].Key;

    public ReadOnlySpan<byte> ArgumentValue(int index) => _arguments[index].Value;

    public byte[] PathOf(Resource resource)
    {
        var level = ResourceLevels.PathOf(resource.Level);
        var path = new byte[level.Length + ResourceId.TextLength + _name.Length + 3];
        path[0] = (byte)'/';
        level.CopyTo(path.AsSpan(1));
        path[level.Length + 1] = (byte)'/';
        resource.Id.Format(path.AsSpan(level.Length + 2));
        path[^(_name.Length + 1)] = (byte)'/';
        _name.CopyTo(path.AsSpan(path.Length - _name.Length));
        return path;
    }

    private static KeyValuePair<byte[], byte[]> Argument(string text)
    {
        var parts = text.Split('=', 2);
        return new(Encoding.UTF8.GetBytes(parts[0]), parts.Length == 1 ? [] : Encoding.UTF8.GetBytes(parts[1]));
    }
}

using System.Text;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>One request that is warmed for every resource: a route with arguments, as <c>shared-tags?short</c>. Immutable.</summary>
public sealed class WarmUpRoute
{
    private readonly byte[] _name;
    private readonly KeyValuePair<byte[], byte[]>[] _arguments;

    /// <param name="text">Checked by the reader of the configuration.</param>
    public WarmUpRoute(string text)
    {
        var parts = text.Split('?', 2);
        Name = parts[0];
        _name = Encoding.UTF8.GetBytes(parts[0]);
        _arguments = parts.Length == 1 ? [] : Array.ConvertAll(parts[1].Split('&'), Argument);
        Text = text;
        foreach (var route in RouteTable.Parents)
        {
            IsVolatile |= route.Kind == RouteKind.Volatile && route.Name == Name;
        }
    }

    /// <summary>As the configuration has it.</summary>
    public string Text { get; }

    /// <summary>The route's name without arguments.</summary>
    public string Name { get; }

    /// <summary>Whether its version is that of its body, as of <c>attachments</c>.</summary>
    public bool IsVolatile { get; }

    /// <summary>Number of query arguments.</summary>
    public int ArgumentCount => _arguments.Length;

    public ReadOnlySpan<byte> ArgumentName(int index) => _arguments[index].Key;

    public ReadOnlySpan<byte> ArgumentValue(int index) => _arguments[index].Value;

    /// <summary>The path that a client would ask for.</summary>
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

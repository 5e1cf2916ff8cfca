namespace OrthancCachePlugin.Core.Refusals;

/// <summary>A second question to the origin, asked to tell two causes of one error apart: without headers.</summary>
public interface IOriginProbe
{
    /// <summary>The error code of a GET; 0 for a 200, <see cref="OriginCode.UnknownResource"/> for any other status.</summary>
    int Ask(string path);

    /// <summary>The body of a GET that ended in a 200, or null.</summary>
    string? Read(string path);
}

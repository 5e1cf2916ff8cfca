namespace OrthancCachePlugin.Core.Refusals;

/// <summary>A second question to the core, asked to tell two causes of one error apart: without headers.</summary>
public interface ICoreProbe
{
    /// <summary>The error code of a GET; 0 for a 200, <see cref="CoreCode.UnknownResource"/> for any other status.</summary>
    int Ask(string path);

    /// <summary>The body of a GET that ended in a 200, or null.</summary>
    string? Read(string path);
}

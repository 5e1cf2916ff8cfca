namespace OrthancCachePlugin.Core.Diagnostics;

/// <summary>Names under which Orthanc's log shows our threads. Each call is about the calling thread; none throws.</summary>
public interface IThreadNames
{
    /// <summary>Gives the thread its name.</summary>
    /// <param name="name">ASCII, at most 16 characters; capitals, as Orthanc's own.</param>
    void Enter(string name);

    /// <summary>The last call of the thread.</summary>
    void Leave();
}

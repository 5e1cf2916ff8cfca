namespace OrthancCachePlugin.Core.Routing;

/// <summary>What may be done with a GET of one of our routes.</summary>
public enum RequestDecision
{
    /// <summary>Validators and, where the route allows, the store.</summary>
    Cacheable,

    /// <summary>The identifier is of no valid form: only the origin can say what is wrong with it.</summary>
    NotAnIdentifier,

    /// <summary>A query argument that we do not know may shape the response.</summary>
    UnknownArgument,

    /// <summary>Longer than a key.</summary>
    TooLong,

    /// <summary>A part of the body is asked for; whether that is served is the origin's business.</summary>
    Range,

    /// <summary>Orthanc itself may answer with what another server has overwritten: no version fits its response.</summary>
    SharedDecoder,
}

namespace OrthancCachePlugin.Core.Refusals;

/// <summary>The error codes of the origin that mean something to us (Enumerations.h). Any other number may come and is passed on.</summary>
public static class OriginCode
{
    public const int InternalError = -1;
    public const int Success = 0;
    public const int NotImplemented = 2;
    public const int ParameterOutOfRange = 3;
    public const int NotEnoughMemory = 4;
    public const int BadParameterType = 5;
    public const int InexistentItem = 7;
    public const int BadRequest = 8;
    public const int BadFileFormat = 15;
    public const int UnknownResource = 17;
    public const int UnknownDicomTag = 27;
}

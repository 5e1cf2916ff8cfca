namespace OrthancCachePlugin.Core.Storage.Faster;

/// <summary>What the log hands to <see cref="EntryFunctions"/> as a read's destination. A struct, so that calls are not shared generic code.</summary>
internal struct ReadOutput
{
    public ReadSlot? Slot;
}

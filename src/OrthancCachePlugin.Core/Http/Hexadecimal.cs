namespace OrthancCachePlugin.Core.Http;

/// <summary>Hexadecimal digits, eight at a time in one register.</summary>
internal static class Hexadecimal
{
    /// <summary>The digits of four bytes, first byte first, as eight bytes of text side by side in one register.</summary>
    public static ulong Digits(uint bytes)
    {
        const ulong Each = 0x0101010101010101;
        ulong spread = bytes;
        spread = (spread | (spread << 16)) & 0x0000ffff0000ffff;
        spread = (spread | (spread << 8)) & 0x00ff00ff00ff00ff;
        var nibbles = ((spread >> 4) | (spread << 8)) & 0x0f0f0f0f0f0f0f0f;
        var isLetter = ((nibbles + (6 * Each)) >> 4) & Each;
        return nibbles + ('0' * Each) + (isLetter * ('a' - '0' - 10));
    }
}

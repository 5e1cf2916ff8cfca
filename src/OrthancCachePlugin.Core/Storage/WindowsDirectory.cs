using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>The directory on Windows, with what mode 0700 is elsewhere: it holds patient data.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsDirectory
{
    /// <summary>
    /// Creates it for the user that Orthanc runs as, the system and administrators, and lets it inherit nothing: every user may read
    /// what is below <c>ProgramData</c>. One that exists is left as its owner has set it up.
    /// </summary>
    /// <exception cref="IOException">The disk refused.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory above does not allow it.</exception>
    public static void Create(string path)
    {
        var directory = new DirectoryInfo(path);
        if (directory.Exists)
        {
            return;
        }

        directory.Parent?.Create();
        var security = new DirectorySecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        using var user = WindowsIdentity.GetCurrent();
        foreach (var identity in (IdentityReference?[])[user.User, Known(WellKnownSidType.LocalSystemSid), Known(WellKnownSidType.BuiltinAdministratorsSid)])
        {
            if (identity is not null)
            {
                security.AddAccessRule(new FileSystemAccessRule(
                    identity, FileSystemRights.FullControl, InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit, PropagationFlags.None, AccessControlType.Allow));
            }
        }

        directory.Create(security);
    }

    private static SecurityIdentifier Known(WellKnownSidType type) => new(type, null);
}

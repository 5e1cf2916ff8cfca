using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrthancCachePlugin.EndToEnd.Dicom;

/// <summary>Orthanc's identifiers: SHA-1 over the DICOM identifiers of a resource and its ancestors, in five groups.</summary>
internal static class OrthancId
{
    public static string Patient(DicomBuilder file) => Hash(file.PatientId);

    public static string Study(DicomBuilder file) => Hash(file.PatientId, file.StudyUid);

    public static string Series(DicomBuilder file) => Hash(file.PatientId, file.StudyUid, file.SeriesUid);

    public static string Instance(DicomBuilder file) => Hash(file.PatientId, file.StudyUid, file.SeriesUid, file.InstanceUid);

    private static string Hash(params string[] parts)
    {
        var hex = Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(string.Join('|', parts)))).ToLower(CultureInfo.InvariantCulture);
        return string.Join('-', Enumerable.Range(0, 5).Select(i => hex.Substring(i * 8, 8)));
    }
}

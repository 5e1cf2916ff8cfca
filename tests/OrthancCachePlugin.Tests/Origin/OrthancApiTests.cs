using System.Text;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Origin;

/// <summary>With bodies as Orthanc 1.10.1 writes them.</summary>
public sealed class OrthancApiTests
{
    private const string StudyId = "8a8cf898-ca27c490-d0c7058c-929d0581-2bbf104d";
    private const string SeriesId = "93034833-163e42c3-bc9a428b-194620cf-2c5799e5";
    private const string InstanceId = "f689ddd2-662f8fe1-8b18180d-ec2a2cee-937917af";
    private const string Statistics = """
        {
           "CountInstances" : 1,
           "CountSeries" : 1,
           "DicomDiskSize" : "39206",
           "DicomDiskSizeMB" : 0,
           "DicomUncompressedSize" : "39206",
           "DicomUncompressedSizeMB" : 0,
           "DiskSize" : "39206",
           "DiskSizeMB" : 0,
           "UncompressedSize" : "39206",
           "UncompressedSizeMB" : 0
        }
        """;

    private const string Info = """
        {
           "CompressedMD5" : "ccf71ca6735bc1c52fbe33e29eb42886",
           "CompressedSize" : 39206,
           "ContentType" : 1,
           "UncompressedMD5" : "ccf71ca6735bc1c52fbe33e29eb42886",
           "UncompressedSize" : 39206,
           "Uuid" : "8066f5a7-cee9-4dd2-93de-5c5162d6679e"
        }
        """;

    private const string Study = """
        {
           "ID" : "8a8cf898-ca27c490-d0c7058c-929d0581-2bbf104d",
           "IsStable" : false,
           "LastUpdate" : "20261121T012216",
           "MainDicomTags" :
           {
              "StudyDescription" : "e+1",
              "StudyID" : "1CT1"
           },
           "ParentPatient" : "fa558bce-587a86d3-ad0da9b3-9d043d9d-4f5c5718",
           "PatientMainDicomTags" :
           {
              "PatientID" : "1CT1",
              "PatientName" : "CompressedSamples^CT1"
           },
           "Series" :
           [
              "93034833-163e42c3-bc9a428b-194620cf-2c5799e5"
           ],
           "Type" : "Study"
        }
        """;

    private const string Series = """
        {
           "ExpectedNumberOfInstances" : null,
           "ID" : "93034833-163e42c3-bc9a428b-194620cf-2c5799e5",
           "Instances" :
           [
              "f689ddd2-662f8fe1-8b18180d-ec2a2cee-937917af"
           ],
           "IsStable" : false,
           "LastUpdate" : "20261121T012216",
           "MainDicomTags" :
           {
              "Modality" : "CT",
              "SeriesNumber" : "1"
           },
           "ParentStudy" : "8a8cf898-ca27c490-d0c7058c-929d0581-2bbf104d",
           "Status" : "Unknown",
           "Type" : "Series"
        }
        """;

    private const string Patient = """
        {
           "ID" : "fa558bce-587a86d3-ad0da9b3-9d043d9d-4f5c5718",
           "IsStable" : false,
           "LastUpdate" : "20261121T012216",
           "MainDicomTags" :
           {
              "PatientID" : "1CT1",
              "PatientName" : "CompressedSamples^CT1"
           },
           "Studies" :
           [
              "8a8cf898-ca27c490-d0c7058c-929d0581-2bbf104d"
           ],
           "Type" : "Patient"
        }
        """;

    private readonly FakeOrigin _origin = new();
    private readonly OrthancApi _queries;
    private readonly Resource _study = Parse(ResourceLevel.Study, StudyId);

    public OrthancApiTests()
    {
        _queries = new OrthancApi(_origin);
        _origin[$"/studies/{StudyId}"] = Study;
        _origin[$"/studies/{StudyId}/series"] = $"[ {Series} ]";
        _origin[$"/studies/{StudyId}/patient"] = Patient;
        _origin[$"/series/{SeriesId}"] = Series;
        _origin[$"/studies/{StudyId}/statistics"] = Statistics;
        _origin[$"/instances/{InstanceId}/attachments/dicom/info"] = Info;
    }

    [Theory]
    [InlineData("20261121T012216", 1795224136)]
    [InlineData("19700101T000000", 0)]
    [InlineData("2026-11-21T01:22:16", null)]
    [InlineData("20261121T012216.123456", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Reads_last_update(string? body, int? seconds)
    {
        if (body is not null)
        {
            _origin[$"/studies/{StudyId}/metadata/LastUpdate"] = body;
        }

        _queries.TryGetLastUpdate(_study, out var read).Should().Be(seconds is not null);
        read.Should().Be(seconds ?? 0);
        _origin.Ledger.Outstanding.Should().Be(0);
    }

    [Theory]
    [InlineData("\"CountInstances\" : 1", "\"CountInstances\" : 2", true)]
    [InlineData("\"DicomDiskSize\" : \"39206\"", "\"DicomDiskSize\" : \"39207\"", true)]
    [InlineData("\"DicomUncompressedSize\" : \"39206\"", "\"DicomUncompressedSize\" : \"39207\"", true)]
    [InlineData("\"DiskSize\" : \"39206\"", "\"DiskSize\" : \"50000\"", false)]
    [InlineData("\"UncompressedSize\" : \"39206\"", "\"UncompressedSize\" : \"50000\"", false)]
    public void Statistics_tell_dicom_from_attachments_of_users(string from, string to, bool differs)
    {
        _queries.TryGetStatistics(_study, out var before).Should().BeTrue();
        _origin[$"/studies/{StudyId}/statistics"] = Statistics.Replace(from, to);
        _queries.TryGetStatistics(_study, out var after).Should().BeTrue();
        (before != after).Should().Be(differs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{ \"CountInstances\" : 1")]
    [InlineData("not json")]
    [InlineData("[")]
    public void What_is_no_statistics_is_not_known(string body)
    {
        _origin[$"/studies/{StudyId}/statistics"] = body;
        _queries.TryGetStatistics(_study, out _).Should().BeFalse();
        _origin.Ledger.Outstanding.Should().Be(0);
    }

    [Fact]
    public void Regression_the_same_file_stored_again_is_another_content()
    {
        var id = Parse(ResourceLevel.Instance, InstanceId).Id;
        _queries.TryGetContent(id, out var before).Should().BeTrue();
        _origin[$"/instances/{InstanceId}/attachments/dicom/info"] = Info.Replace("8066f5a7", "11111111");
        _queries.TryGetContent(id, out var after).Should().BeTrue();
        after.Should().NotBe(before);
        _origin.Asked.Should().HaveCount(2, "one call each");

        _origin.Responses.Clear();
        _queries.TryGetContent(id, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("/changes?last", "{ \"Changes\" : [], \"Done\" : true, \"Last\" : 5 }")]
    [InlineData("/statistics", "{ \"CountInstances\" : 2 }")]
    public void The_whole_database_shows_changes_and_counts(string path, string body)
    {
        _origin["/changes?last"] = "{ \"Changes\" : [], \"Done\" : true, \"Last\" : 4 }";
        _origin["/statistics"] = "{ \"CountInstances\" : 1 }";
        _queries.TryGetGlobal(out var before).Should().BeTrue();
        _origin[path] = body;
        _queries.TryGetGlobal(out var after).Should().BeTrue();
        after.Should().NotBe(before);
        _origin.Responses.TryRemove(path, out _);
        _queries.TryGetGlobal(out _).Should().BeFalse();
        _origin.Asked.Take(2).Should().Equal("/statistics", "/changes?last");
    }

    [Fact]
    public void Names_follow_main_tags_and_nothing_else()
    {
        _queries.TryGetNames(_study, out var before).Should().BeTrue();
        _origin[$"/studies/{StudyId}"] = Study.Replace("\"IsStable\" : false", "\"IsStable\" : true").Replace("012216", "012217");
        _queries.TryGetNames(_study, out var stable).Should().BeTrue();
        stable.Should().Be(before);
        _origin[$"/studies/{StudyId}"] = Study.Replace("CompressedSamples^CT1", "Other^Name");
        _queries.TryGetNames(_study, out var renamed).Should().BeTrue();
        renamed.Should().NotBe(before);
        _origin[$"/studies/{StudyId}/patient"] = Patient.Replace("CompressedSamples^CT1", "Third^Name");
        _queries.TryGetNames(_study, out var patient).Should().BeTrue();
        patient.Should().NotBe(renamed, "the patient's own name may differ from its copy in the study");
        _origin[$"/studies/{StudyId}/series"] = "broken";
        _queries.TryGetNames(_study, out _).Should().BeFalse();
    }

    [Fact]
    public void Finds_the_instances_below_a_study()
    {
        var builder = new ChildSet.Builder(10);
        _queries.TryGetInstances(_study, builder.TryAdd).Should().BeTrue();
        var set = builder.Build();
        set.Count.Should().Be(1);
        set.MayContain(Parse(ResourceLevel.Instance, InstanceId).Id.Word0).Should().BeTrue();
        _queries.TryGetInstances(_study, new ChildSet.Builder(0).TryAdd).Should().BeFalse("there are more than are wanted");
        _origin[$"/series/{SeriesId}"] = Series.Replace(InstanceId, "nobody");
        _queries.TryGetInstances(_study, new ChildSet.Builder(10).TryAdd).Should().BeFalse();
        _origin.Ledger.Outstanding.Should().Be(0);
    }

    [Theory]
    [InlineData("[]", 0)]
    [InlineData("""[ { "ID" : "a", "State" : "Running" }, { "ID" : "b", "State" : "Success" }, { "ID" : "c", "State" : "Pending" } ]""", 2)]
    [InlineData("""[ { "ID" : "a", "State" : "Retry" }, { "ID" : "b", "State" : "Failure" }, { "ID" : "c", "State" : "Paused" } ]""", 1)]
    [InlineData("""[ { "ID" : "a", "State" : "Running", "Type" : "ResponseCacheWarmUp" }, { "ID" : "b", "State" : "Running", "Type" : "Archive" } ]""", 1)]
    [InlineData("[ {} ]", null)]
    [InlineData("{}", null)]
    [InlineData("[ 1 ]", null)]
    [InlineData("[", null)]
    public void Finds_the_jobs_that_run(string body, int? count)
    {
        _origin["/jobs?expand"] = body;
        var jobs = new List<OrthancCachePlugin.Core.Http.Digest128>();
        _queries.TryGetRunningJobs(jobs, "ResponseCacheWarmUp").Should().Be(count is not null);
        if (count is not null)
        {
            jobs.Should().HaveCount(count.Value);
        }
    }

    [Theory]
    [InlineData("""{ "ID" : "a", "State" : "Success" }""", "Success")]
    [InlineData("{}", null)]
    [InlineData("[]", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Finds_the_state_of_a_job(string? body, string? state)
    {
        if (body is not null)
        {
            _origin["/jobs/a"] = body;
        }

        _queries.TryGetJobState("a", out var read).Should().Be(state is not null);
        read.Should().Be(state ?? "");
        _origin.Ledger.Outstanding.Should().Be(0);
    }

    [Fact]
    public void Finds_what_is_above_and_below_a_study()
    {
        var series = Parse(ResourceLevel.Series, SeriesId);
        var instance = Parse(ResourceLevel.Instance, InstanceId);
        var patient = Parse(ResourceLevel.Patient, "fa558bce-587a86d3-ad0da9b3-9d043d9d-4f5c5718");
        _origin["/studies"] = $"[ \"{StudyId}\" ]";
        _origin[$"/patients/{patient.Id}"] = Patient;

        _queries.Studies().Should().Equal(_study.Id);
        _queries.PatientOf(_study).Should().Be(patient);
        _queries.WithChildren(patient).Should().Equal(series, _study, patient);
        var below = new List<Resource>();
        _queries.AddBelow(_study, below, 2).Should().BeTrue();
        below.Should().Equal(series, instance);
        _queries.AddBelow(_study, [], 1).Should().BeFalse("there is more");
        _origin.Ledger.Outstanding.Should().Be(0);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[ \"8a8cf898-ca27c490-d0c7058c-929d0581-2bbf104d\"")]
    [InlineData("[ 1 ]")]
    [InlineData("[ [] ]")]
    [InlineData("[ \"x\" ]")]
    [InlineData("")]
    public void What_is_no_list_of_studies_is_none(string body)
    {
        _origin["/studies"] = body;
        _queries.Studies().Should().BeEmpty();
        _origin.Ledger.Outstanding.Should().Be(0);
    }

    private static Resource Parse(ResourceLevel level, string id) =>
        ResourceId.TryParse(Encoding.ASCII.GetBytes(id), out var parsed) ? new Resource(level, parsed) : throw new FormatException(id);
}

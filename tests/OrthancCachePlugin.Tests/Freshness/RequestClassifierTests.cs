using System.Text;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.Freshness;

public sealed class RequestClassifierTests
{
    private const string Id = "8a8cf898-ca27c490-d0c7058c-929d0581-2bbf104d";

    [Theory]
    [InlineData("GET", "/studies/" + Id, MutationScope.None)]
    [InlineData("POST", "/instances", MutationScope.None)]
    [InlineData("POST", "/instances/", MutationScope.None)]
    [InlineData("PUT", "/instances", MutationScope.Content)]
    [InlineData("POST", "/studies", MutationScope.Content)]
    [InlineData("DELETE", "/instances/" + Id, MutationScope.Content)]
    [InlineData("POST", "/studies/" + Id + "/modify", MutationScope.Content)]
    [InlineData("POST", "/studies/" + Id + "/split", MutationScope.Content)]
    [InlineData("POST", "/studies/" + Id + "/merge", MutationScope.Content)]
    [InlineData("POST", "/studies/" + Id + "/reconstruct", MutationScope.Content)]
    [InlineData("POST", "/studies/" + Id + "/archive", MutationScope.None)]
    [InlineData("POST", "/studies/" + Id + "/media", MutationScope.None)]
    [InlineData("PUT", "/instances/" + Id + "/metadata/1024", MutationScope.Annotations)]
    [InlineData("DELETE", "/instances/" + Id + "/metadata/1024", MutationScope.Annotations)]
    [InlineData("PUT", "/studies/" + Id + "/labels/x", MutationScope.Annotations)]
    [InlineData("PUT", "/patients/" + Id + "/protected", MutationScope.Annotations)]
    [InlineData("PUT", "/studies/" + Id + "/attachments/1024", MutationScope.Content)]
    [InlineData("POST", "/instances/" + Id + "/attachments/dicom/compress", MutationScope.Content)]
    [InlineData("POST", "/tools/find", MutationScope.None)]
    [InlineData("POST", "/tools/lookup", MutationScope.None)]
    [InlineData("POST", "//tools//find", MutationScope.None)]
    [InlineData("POST", "/tools/bulk-delete", MutationScope.Content)]
    [InlineData("POST", "/tools/bulk-modify", MutationScope.Content)]
    [InlineData("POST", "/tools/execute-script", MutationScope.Content)]
    [InlineData("POST", "/tools", MutationScope.Content)]
    [InlineData("POST", "/modalities/pacs/move", MutationScope.None)]
    [InlineData("POST", "/plugins/response-cache/anything", MutationScope.None)]
    [InlineData("POST", "/plugins/other", MutationScope.Content)]
    [InlineData("POST", "/dicom-web/studies", MutationScope.Content)]
    [InlineData("POST", "/st%75dies", MutationScope.Content)]
    [InlineData("DELETE", "/changes", MutationScope.Content)]
    [InlineData("POST", "/storage-commitment/x/remove", MutationScope.Content)]
    [InlineData("POST", "/jobs/x/resubmit", MutationScope.Content)]
    [InlineData("POST", "/jobs/x/resume", MutationScope.Content)]
    [InlineData("POST", "/jobs/x/pause", MutationScope.None)]
    [InlineData("POST", "/jobs/x/cancel", MutationScope.None)]
    [InlineData("POST", "//jobs//x//cancel/", MutationScope.None)]
    [InlineData("POST", "/jobs/x/cancel/y", MutationScope.Content)]
    [InlineData("POST", "/jobs/cancel", MutationScope.Content)]
    [InlineData("PUT", "/jobs/x/pause", MutationScope.Content)]
    [InlineData("DELETE", "/jobs/x/pause", MutationScope.Content)]
    [InlineData("POST", "", MutationScope.Content)]
    public void Says_what_a_request_may_change(string method, string path, MutationScope scope) =>
        RequestClassifier.Classify(Method(method), Encoding.ASCII.GetBytes(path), out _).Should().Be(scope);

    [Theory]
    [InlineData("POST", "/jobs/x/resume", true, "x", false)]
    [InlineData("POST", "/jobs/x/resubmit", true, "x", false)]
    [InlineData("POST", "//jobs/x/resume", true, "x", false)]
    [InlineData("POST", "/jobs/x/whatever-comes-next", true, "x", false)]
    [InlineData("POST", "/jobs/x/cancel/y", true, "x", false)]
    [InlineData("POST", "/jobs/x/pause", false, "x", false)]
    [InlineData("POST", "/jobs/x/cancel", false, "x", true)]
    [InlineData("GET", "/jobs/x/cancel", false, "", false)]
    [InlineData("POST", "/studies/x/cancel", false, "", false)]
    public void Says_which_requests_let_a_job_run_and_which_cancel_one(string method, string path, bool mayStart, string job, bool isCancel)
    {
        RequestClassifier.MayStartJob(Method(method), Encoding.ASCII.GetBytes(path), out var named, out var cancels).Should().Be(mayStart);
        named.Should().Be(job);
        cancels.Should().Be(isCancel);
    }

    [Theory]
    [InlineData("DELETE", "/studies/" + Id, ResourceLevel.Study)]
    [InlineData("DELETE", "/patients/" + Id + "/", ResourceLevel.Patient)]
    [InlineData("DELETE", "/studies/" + Id + "/metadata/1024", null)]
    [InlineData("DELETE", "/studies/nobody", null)]
    [InlineData("PUT", "/studies/" + Id, null)]
    [InlineData("GET", "/studies/" + Id, null)]
    public void Names_what_a_delete_deletes(string method, string path, ResourceLevel? level)
    {
        RequestClassifier.Classify(Method(method), Encoding.ASCII.GetBytes(path), out var deleted);
        (deleted?.Level).Should().Be(level);
        (deleted?.Id.ToString()).Should().Be(level is null ? null : Id);
    }

    private static HttpMethod Method(string method) => Enum.Parse<HttpMethod>(method, ignoreCase: true);
}

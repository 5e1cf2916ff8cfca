using FluentAssertions;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using Xunit;

namespace OrthancCachePlugin.Tests.Bindings;

[Collection(NativeMemoryCollection.Name)]
public unsafe class JobAndMetricsTests
{
    private readonly List<OrthancService> _called = [];

    [Theory]
    [InlineData("1.10.1")]
    [InlineData("1.13.0")]
    public void A_job_is_made_in_the_form_that_survives_a_restart(string version)
    {
        using FakeOrthanc orthanc = Recording(version, OrthancErrorCode.Success);

        orthanc.Context.CreateJob(1, "type", default, out NativeJob* job).Should().Be(OrthancErrorCode.NullPointer);

        (job is null).Should().BeTrue();
        _called.Should().Equal(OrthancService.CreateJob);
    }

    [Theory]
    [InlineData("1.12.0", (int)OrthancService.SetMetricsValue)]
    [InlineData("1.12.1", (int)OrthancService.SetMetricsIntegerValue)]
    public void Whole_numbers_are_floats_where_the_server_has_nothing_else(string version, int service)
    {
        using FakeOrthanc orthanc = Recording(version, OrthancErrorCode.Success);

        orthanc.Context.SetMetricsIntegerValue("orthanc_x_count", 5).Should().Be(OrthancErrorCode.Success);

        _called.Should().Equal((OrthancService)service);
    }

    [Theory]
    [InlineData("1.12.3", (int)OrthancService.LogWarning)]
    [InlineData("1.12.4", (int)OrthancService.LogMessage)]
    public void A_line_of_the_log_names_us_where_the_server_shows_it(string version, int service)
    {
        using FakeOrthanc orthanc = Recording(version, OrthancErrorCode.Success);

        orthanc.Context.Log(OrthancLogLevel.Warning, "plugin"u8, "file"u8, 5, "line").Should().Be(OrthancErrorCode.Success);

        _called.Should().Equal((OrthancService)service);
    }

    [Theory]
    [InlineData("1.12.1", new int[0])]
    [InlineData("1.12.2", new[] { (int)OrthancService.SetCurrentThreadName })]
    [InlineData("1.12.11", new[] { (int)OrthancService.SetCurrentThreadName })]
    [InlineData("1.13.0", new[] { (int)OrthancService.SetCurrentThreadName, (int)OrthancService.ClearCurrentThreadName })]
    [InlineData("mainline", new[] { (int)OrthancService.SetCurrentThreadName, (int)OrthancService.ClearCurrentThreadName })]
    public void Threads_are_named_and_forgotten_as_the_server_knows_how(string version, int[] services)
    {
        using FakeOrthanc orthanc = Recording(version, OrthancErrorCode.Success);

        orthanc.Context.SetCurrentThreadName("NAME");
        orthanc.Context.ClearCurrentThreadName();

        _called.Should().Equal(services.Select(s => (OrthancService)s));
    }

    [Fact]
    public void A_job_that_cannot_be_submitted_is_freed()
    {
        using FakeOrthanc orthanc = Recording("1.12.7", OrthancErrorCode.BadSequenceOfCalls);

        orthanc.Context.SubmitJob((NativeJob*)0x1000, 0, out string? id).Should().Be(OrthancErrorCode.BadSequenceOfCalls);

        id.Should().BeNull();
        _called.Should().Equal(OrthancService.SubmitJob, OrthancService.FreeJob);
    }

    [Fact]
    public void A_job_that_the_engine_may_own_already_is_not_freed()
    {
        using FakeOrthanc orthanc = Recording("1.12.7", OrthancErrorCode.NotEnoughMemory);

        orthanc.Context.SubmitJob((NativeJob*)0x1000, 0, out _).Should().Be(OrthancErrorCode.NotEnoughMemory);

        _called.Should().Equal(OrthancService.SubmitJob);
    }

    private FakeOrthanc Recording(string version, OrthancErrorCode code)
    {
        var orthanc = new FakeOrthanc(version);
        orthanc.Handler = (service, _) =>
        {
            _called.Add(service);
            return code;
        };
        return orthanc;
    }
}

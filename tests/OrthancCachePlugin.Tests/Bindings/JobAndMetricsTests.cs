using FluentAssertions;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Jobs;
using OrthancCachePlugin.Bindings.Memory;
using Xunit;

namespace OrthancCachePlugin.Tests.Bindings;

[Collection(NativeMemoryCollection.Name)]
public unsafe class JobAndMetricsTests
{
    private readonly List<OrthancService> _called = [];

    [Theory]
    [InlineData("1.11.2", (int)OrthancService.CreateJob)]
    [InlineData("1.11.3", (int)OrthancService.CreateJob2)]
    public void The_form_of_a_job_follows_the_version(string version, int service)
    {
        using FakeOrthanc orthanc = Recording(version, OrthancErrorCode.Success);

        // Neither is ever called: that they are there is what counts.
        var buffered = new JobCallbacks
        {
            GetContent = (delegate* unmanaged<NativeMemoryBuffer*, void*, OrthancErrorCode>)1,
            GetSerialized = (delegate* unmanaged<NativeMemoryBuffer*, void*, int>)1,
        };
        orthanc.Context.CreateJob(1, "type", buffered, out NativeJob* job).Should().Be(OrthancErrorCode.NullPointer);

        (job is null).Should().BeTrue();
        _called.Should().Equal((OrthancService)service);
    }

    [Theory]
    [InlineData("1.12.0", (int)OrthancService.SetMetricsValue)]
    [InlineData("1.12.1", (int)OrthancService.SetMetricsIntegerValue)]
    public void Whole_numbers_are_floats_where_the_server_has_nothing_else(string version, int service)
    {
        using FakeOrthanc orthanc = Recording(version, OrthancErrorCode.Success);

        orthanc.Context.SetMetricsIntegerValue("orthanc_x_count"u8, 5, OrthancMetricsType.Default).Should().Be(OrthancErrorCode.Success);

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

        orthanc.Context.SetCurrentThreadName("NAME"u8);
        orthanc.Context.ClearCurrentThreadName();

        _called.Should().Equal(services.Select(s => (OrthancService)s));
    }

    [Fact]
    public void A_job_that_cannot_be_submitted_is_freed()
    {
        using FakeOrthanc orthanc = Recording("1.12.7", OrthancErrorCode.BadSequenceOfCalls);

        orthanc.Context.SubmitJob((NativeJob*)0x1000, 0, out OwnedString? id).Should().Be(OrthancErrorCode.BadSequenceOfCalls);

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

    [Theory]
    [InlineData(4, OrthancErrorCode.Success)]
    [InlineData(3, OrthancErrorCode.NotEnoughMemory)]
    public void A_buffer_for_Orthanc_is_filled_or_empty(int granted, OrthancErrorCode expected)
    {
        using var orthanc = new FakeOrthanc();
        orthanc.Handler = (_, parameters) =>
        {
            *((CreateMemoryBufferParameters*)parameters)->Target = FakeOrthanc.Buffer(new byte[granted]);
            return OrthancErrorCode.Success;
        };
        NativeMemoryBuffer target = default;

        orthanc.Context.FillBuffer(&target, "abcd"u8).Should().Be(expected);

        new ReadOnlySpan<byte>(target.Data, (int)target.Size).SequenceEqual(expected == OrthancErrorCode.Success ? "abcd"u8 : default)
            .Should().BeTrue();
        if (target.Data is not null)
        {
            new OwnedMemoryBuffer(orthanc.Context, target).Dispose();
        }

        FakeOrthanc.Outstanding.Should().Be(0);
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

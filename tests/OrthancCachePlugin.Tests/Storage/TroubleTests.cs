using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>Messages as they are in the published library, and as they are with the framework's texts.</summary>
public sealed class TroubleTests
{
    private const int NoSpaceLeft = 28;

    [Fact]
    public void Names_of_texts_become_words()
    {
        (Exception Exception, string Words)[] cases =
        [
            (new DirectoryNotFoundException("IO_PathNotFound_Path, /srv/cache"), "no such file or directory (/srv/cache)"),
            (new DirectoryNotFoundException("Could not find a part of the path '/srv/cache'."), "no such file or directory (/srv/cache)"),
            (new UnauthorizedAccessException("UnauthorizedAccess_IODenied_Path, /srv/cache"), "permission denied (/srv/cache)"),
            (new IOException("No space left on device : '/srv/cache/log'", NoSpaceLeft), "No space left on device (/srv/cache/log)"),
            (new IOException("IO_SharingViolation_NoFileName"), "the disk fails"),
            (new IOException("The checkpoint is larger than expected."), "The checkpoint is larger than expected."),
            (new TimeoutException("The disk does not answer."), "The disk does not answer."),
            (new TimeoutException("Arg_TimeoutException"), "the disk does not answer in time"),
            (new InvalidOperationException("x"), "InvalidOperationException"),
        ];
        foreach (var (exception, words) in cases)
        {
            Trouble.Describe(exception).Should().Be(words);
        }
    }
}

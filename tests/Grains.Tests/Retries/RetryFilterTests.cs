using Krewe.Retries;
using Xunit;

namespace Krewe.Grains.Tests.Retries;

public sealed class RetryFilterTests
{
    private static readonly string[] Nothing = [];

    public static TheoryData<Type, string[], string[], bool> Cases => new()
    {
        { typeof(InvalidOperationException), Nothing, Nothing, true },
        { typeof(IOException), ["System.IO.IOException"], Nothing, true },
        { typeof(FileNotFoundException), ["System.IO.IOException"], Nothing, true },
        { typeof(IOException), ["System.IO.FileNotFoundException"], Nothing, false },
        { typeof(IOException), ["system.io.ioexception"], Nothing, false },
        { typeof(IOException), ["IOException"], Nothing, false },
        { typeof(IOException), Nothing, ["System.IO.IOException"], false },
        { typeof(FileNotFoundException), Nothing, ["System.IO.IOException"], false },
        { typeof(IOException), Nothing, ["System.TimeoutException"], true },
        { typeof(FileNotFoundException), ["System.IO.FileNotFoundException"], ["System.IO.IOException"], false },
        { typeof(TimeoutException), ["System.Exception"], ["System.IO.IOException"], true },
        { typeof(TimeoutException), ["No.Such.Type", "System.TimeoutException"], Nothing, true },
        { typeof(NestedException), [typeof(NestedException).FullName!], Nothing, true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void IsRetryable_ComparesTheHierarchysFullNames(Type thrown, string[] retryOn, string[] dontRetryOn, bool expected)
    {
        var policy = new RetryPolicy { RetryOn = retryOn, DontRetryOn = dontRetryOn };

        Assert.Equal(expected, RetryFilter.IsRetryable(policy, thrown));
    }

    private sealed class NestedException : Exception;
}

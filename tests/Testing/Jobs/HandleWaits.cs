namespace Krewe.Testing.Jobs;

/// <summary>Short forms for tests: every wait is bounded by <see cref="Some.Timeout"/>.</summary>
public static class HandleWaits
{
    /// <summary>Waits for the end of a job.</summary>
    public static Task<JobState> EndAsync(this JobHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return handle.WaitAsync(Some.Timeout);
    }

    /// <summary>Waits for the result of a job.</summary>
    public static Task<T> ResultAsync<T>(this JobHandle<T> handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return handle.GetResultAsync(Some.Timeout);
    }

    /// <summary>Reads a job that must be known.</summary>
    public static async Task<JobInfo> InfoAsync(this JobHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return await handle.GetInfoAsync() ?? throw new InvalidOperationException($"Expected the job '{handle.Id}', got none.");
    }

    /// <summary>Waits for the end of a job, then reads it.</summary>
    public static async Task<JobInfo> EndInfoAsync(this JobHandle handle)
    {
        await handle.EndAsync();
        return await handle.InfoAsync();
    }
}

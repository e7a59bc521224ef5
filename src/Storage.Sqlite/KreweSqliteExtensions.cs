using Krewe.Storage;
using Krewe.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Krewe;

/// <summary>Krewe on one SQLite file.</summary>
public static class KreweSqliteExtensions
{
    private const string StorageName = "krewe";
    private const string DefaultStorageName = "Default";

    /// <summary>Keeps jobs, flows, schedules, grain state and reminders in one SQLite file, which this process has for itself. Durable: what was acknowledged survives a power cut.</summary>
    /// <param name="builder">The engine's builder.</param>
    /// <param name="dataFile">The file's path, made when missing; its folder must exist. A relative path counts from the working directory.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="dataFile"/> is empty.</exception>
    /// <remarks>The file is opened when the silo starts; beside it lie its log (<c>-wal</c>, <c>-shm</c>) while it is open and a <c>.lock</c>. For several silos use Redis. Unless the silo has a membership provider already, it gets <c>UseLocalhostClustering()</c>; call that with other ports before or after.</remarks>
    public static KreweBuilder UseSqlite(this KreweBuilder builder, string dataFile)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(dataFile);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new SqliteFile(
            new SqliteFileOptions { DataFile = dataFile }, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SqliteFile>>()));
        services.TryAddSingleton<IJobStore, SqliteJobStore>();
        services.TryAddSingleton<IFlowStore, SqliteFlowStore>();
        services.TryAddSingleton<IScheduleStore, SqliteScheduleStore>();
        services.TryAddKeyedSingleton<IGrainStorage>(StorageName, static (provider, _) => ActivatorUtilities.CreateInstance<SqliteGrainStorage>(provider));
        services.TryAddKeyedSingleton<IGrainStorage>(DefaultStorageName, static (provider, _) => provider.GetRequiredKeyedService<IGrainStorage>(StorageName));
        services.TryAddSingleton(static provider => provider.GetRequiredKeyedService<IGrainStorage>(StorageName));
        builder.Silo.AddReminders();
        services.TryAddSingleton<IReminderTable, SqliteReminderTable>();
        if (!services.Any(static service => service.ServiceType == typeof(IMembershipTable)))
        {
            builder.Silo.UseLocalhostClustering(); // One process has the file, so one silo is the cluster, on loopback.
        }

        return builder;
    }
}

namespace Krewe.Store.Conformance.Sqlite;

public sealed class SqliteMatrixTests : MatrixConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

public sealed class SqliteStepTests : StepConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

public sealed class SqliteLeaseTests : LeaseConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

public sealed class SqliteUniqueTests : UniqueConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

public sealed class SqliteOrderTests : OrderConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

public sealed class SqliteLifetimeTests : LifetimeConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

public sealed class SqliteCrashTests : CrashConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

public sealed class SqliteBytesTests : BytesConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

public sealed class SqliteModelTests : ModelConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

public sealed class SqliteFlowTests : FlowConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

public sealed class SqliteScheduleTests : ScheduleConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

public sealed class SqliteFlowCatalogueTests : FlowCatalogueConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

public sealed class SqliteFlowModelTests : FlowModelConformance
{
    private protected override IStoreHarness CreateHarness() => new SqliteHarness();
}

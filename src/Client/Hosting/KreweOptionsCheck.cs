using Krewe.Definitions;
using Microsoft.Extensions.Options;

namespace Krewe.Hosting;

/// <summary>Refuses options that are out of bounds, with all violations in one message.</summary>
internal sealed class KreweOptionsCheck : IValidateOptions<KreweOptions>
{
    public ValidateOptionsResult Validate(string? name, KreweOptions options) => ConfigurationChecks.Of(options) is { Count: > 0 } violations
        ? ValidateOptionsResult.Fail(violations)
        : ValidateOptionsResult.Success;
}

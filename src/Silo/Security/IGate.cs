using Krewe.Api;

namespace Krewe.Security;

/// <summary>One reason to turn a request away before it reaches a route.</summary>
internal interface IGate
{
    /// <summary>Why the request is turned away; null: it passes.</summary>
    Problem? Refuse(HttpContext http);
}

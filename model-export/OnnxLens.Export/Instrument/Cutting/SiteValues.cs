using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Export.Instrument.Cutting;

/// <summary>The values and inputs of an instrumented graph by hook point.</summary>
/// <param name="Values">The value of each site, after what is added there.</param>
/// <param name="Steer">The steering input of each steerable site.</param>
internal sealed record SiteValues(ImmutableDictionary<HookPoint, string> Values, ImmutableDictionary<HookPoint, string> Steer);

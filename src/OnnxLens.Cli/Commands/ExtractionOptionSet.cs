using System.CommandLine;
using OnnxLens.Bundles;
using OnnxLens.Cli.Models;
using OnnxLens.Eval.Extraction;
using OnnxLens.Lens;

namespace OnnxLens.Cli.Commands;

/// <summary>The options that say how vectors are made of pairs.</summary>
/// <param name="prefix">What the names of the options for sites and layers begin with: other than <c>--</c> where these are names of something else.</param>
internal sealed class ExtractionOptionSet(string prefix = "--")
{
    private readonly Option<string?> _sites = Options.Text($"{prefix}sites", "LIST", "Sites with commas: attn_in, mlp_in (default), resid_post.");
    private readonly Option<string?> _layers = Options.Text($"{prefix}layers", "LIST", "Layers: all (default), or numbers and ranges such as 0,4-8,-1.");
    private readonly Option<string?> _method = Options.Text("--method", "NAME", $"How: {string.Join(", ", ExtractionMethods.Names)}. Default: mean-difference. The others give directions, scaled to the mean difference's norm.");
    private readonly Option<ulong?> _seed = Options.Seed("--seed", "Seed of everything random. Default: 0.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_sites);
        command.Add(_layers);
        command.Add(_method);
        command.Add(_seed);
    }

    /// <summary>True where a method is named.</summary>
    public bool NamesMethod(ParseResult parsed) => parsed.GetValue(_method) is not null;

    /// <summary>The sites named, or null.</summary>
    public string? Sites(ParseResult parsed) => parsed.GetValue(_sites);

    /// <summary>The layers named, or null.</summary>
    /// <exception cref="UsageException">They have no such form.</exception>
    public string? Layers(ParseResult parsed) => parsed.GetValue(_layers) is string layers ? UsageException.OfOption(() => LayerSelection.RequireForm(layers)) : null;

    /// <summary>The seed.</summary>
    public ulong Seed(ParseResult parsed) => parsed.GetValue(_seed) ?? 0;

    /// <summary>Reads them.</summary>
    /// <exception cref="UsageException">The method or a site is unknown, or layers have no such form.</exception>
    public ExtractionArguments Read(ParseResult parsed, NamedFile dataset, string? split, string? heldOut) => new(
        dataset,
        split,
        heldOut,
        parsed.GetValue(_method) is string method ? UsageException.OfOption(() => ExtractionMethods.Parse(method)) : ExtractionMethod.MeanDifference,
        Sites(parsed) is string sites ? UsageException.OfOption(() => SiteSelection.Parse(sites)) : [Site.MlpIn],
        Layers(parsed) ?? "all",
        Seed(parsed));
}

using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Lens;

namespace OnnxLens.Cli.Commands;

/// <summary>Arguments and options of <c>onnxlens drift</c>.</summary>
internal sealed class DriftSyntax
{
    private readonly Argument<string> _a = Options.Folder("bundle-a", "The lens bundle from which distance is measured; or a checkpoint, or a folder or file with an ONNX decoder, of which a bundle is made in a cache first.");
    private readonly Argument<string> _b = Options.Folder("bundle-b", "The lens bundle whose distance is measured, of the same model; or a checkpoint, or a folder or file with an ONNX decoder.");
    private readonly Option<string> _prompts = new("--prompts") { HelpName = "FILE", Required = true, Description = "The prompts, one a line: plain text; or, where the name ends with .jsonl, objects with 'text' or 'tokens', strings, or arrays of ids." };
    private readonly Option<string?> _sites = Options.Text("--sites", "LIST", "Sites with commas, or all: resid_pre, attn_in, attn_out, resid_mid, mlp_in, mlp_out, resid_post (default). The last resid_post, which is the model's own output, is always there.");
    private readonly Option<string?> _layers = Options.Text("--layers", "LIST", "Layers: all (default), or numbers and ranges such as 0,4-8,-1.");
    private readonly Option<string?> _positions = Options.Text("--positions", "LIST", "Positions of each prompt: all (default), last, or numbers and ranges such as 0,4-8,-1.");
    private readonly Option<int?> _topK = Options.Count("--top-k", "k of the overlap of the top tokens. Default: 5.", most: LogitComparer.MostTop);
    private readonly DriftSlopeOptionSet _slopes = new();
    private readonly Option<string?> _out = Options.Text("--out", "DIR", "Write drift.csv, drift_positions.csv and drift.json, and of slopes drift_slopes.csv and drift_samples.csv.");
    private readonly Option<string?> _parquet = Options.Parquet("drift, drift_positions, drift_slopes and drift_samples");
    private readonly PlotOption _plots = new("cosine and KL over layers, and slopes in A and B,");
    private readonly Option<string?> _html = Options.Text("--html", "FILE", "Write a page for a browser, which needs nothing else: drift over layers and positions, and slopes in A and B.");
    private readonly ModelOptionSet _model = new(isPlanned: false);
    private readonly Option<bool> _quiet = Options.Quiet();

    /// <summary>Adds everything to the command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_a);
        command.Add(_b);
        foreach (Option option in new Option[] { _prompts, _sites, _layers, _positions, _topK })
        {
            command.Add(option);
        }

        _slopes.AddTo(command);
        command.Add(_out);
        command.Add(_parquet);
        command.Add(_plots.Option);
        command.Add(_html);
        _model.AddTo(command);
        command.Add(_quiet);
    }

    /// <summary>Reads a command line. Nothing outside it is looked at.</summary>
    /// <exception cref="UsageException">Options contradict each other, or one is missing.</exception>
    public DriftArguments Read(ParseResult parsed)
    {
        var defaults = new DriftArguments { FolderA = parsed.GetRequiredValue(_a), FolderB = parsed.GetRequiredValue(_b), Prompts = parsed.GetRequiredValue(_prompts) };
        return defaults with
        {
            Sites = parsed.GetValue(_sites) is string sites ? UsageException.OfOption(() => SiteSelection.Parse(sites)) : defaults.Sites,
            Layers = parsed.GetValue(_layers) is string layers ? UsageException.OfOption(() => LayerSelection.RequireForm(layers)) : defaults.Layers,
            Positions = parsed.GetValue(_positions) is string positions ? UsageException.OfOption(() => PositionSelection.Parse(positions)) : defaults.Positions,
            TopK = parsed.GetValue(_topK) ?? defaults.TopK,
            Slopes = _slopes.Read(parsed),
            Output = parsed.GetValue(_out),
            ParquetFolder = parsed.GetValue(_parquet),
            Plots = _plots.Read(parsed, parsed.GetValue(_out)),
            HtmlFile = parsed.GetValue(_html),
            Model = _model.Read(parsed),
            Quiet = parsed.GetValue(_quiet),
        };
    }
}

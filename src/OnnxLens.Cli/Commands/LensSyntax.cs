using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Commands;

/// <summary>Arguments and options of <c>onnxlens lens</c>.</summary>
internal sealed class LensSyntax
{
    private readonly Argument<string> _folder = Options.Folder("bundle", "A lens bundle; or a checkpoint, or a folder or file with an ONNX decoder, of which a bundle is made in a cache first.");
    private readonly PromptOptionSet _prompt = new(many: true);
    private readonly Option<int?> _generate = Options.Count("--generate", "Generate N tokens after the prompt, and decode them too.");
    private readonly Option<string?> _sites = Options.Text("--sites", "LIST", "Sites with commas, or all: resid_pre, attn_in, attn_out, resid_mid, mlp_in, mlp_out, resid_post (default).");
    private readonly Option<string?> _layers = Options.Text("--layers", "LIST", "Layers: all (default), or numbers and ranges such as 0,4-8,-1.");
    private readonly Option<string?> _positions = Options.Text("--positions", "LIST", "Positions: all (default), last, prompt, generated, or numbers and ranges such as 0,4-8,-1.");
    private readonly Option<int?> _topK = Options.Count("--top-k", "Top tokens of each cell, in files and where one position is shown. Default: 5.");
    private readonly Option<string[]> _targets = Options.Texts("--target", "TOKEN", "Show rank and probability of this token; its text, exactly one token (' Paris' with its space), or id:N. May be repeated.");
    private readonly Option<string?> _csv = Options.Text("--csv", "DIR", "Write cells.csv, topk.csv, targets.csv and provenance.json into this folder.");
    private readonly Option<string?> _parquet = Options.Parquet("cells, topk and targets");
    private readonly PlotOption _plots = new($"probabilities, entropy and KL over layers at the positions of --positions, where these are {LensPlots.MostPositions} at most, else at the last of the prompt,", "--csv");
    private readonly Option<int?> _batchTokens = Options.Count("--batch-tokens", $"With --prompts: positions run together at most, padding counted. More take more memory. Default: {new LensBatchOptions().MicroBatchTokens}, or what the memory allows.");
    private readonly Option<string?> _json = Options.Text("--json", "FILE", "Write everything as one JSON file.");
    private readonly Option<string?> _html = Options.Text("--html", "FILE", "Write everything as one page that a browser shows, without network.");
    private readonly Option<string?> _beside = Options.Text("--beside", "FILE", "Put the lens of an earlier page of --html beside this one in the new page, which may replace it.");
    private readonly Option<string?> _activations = Options.Text("--activations", "FILE", "Write the captured activations of every position run as a .safetensors file.");
    private readonly Option<bool> _logits = Options.Switch("--logits", "Put the model's logits into the activations file too.");
    private readonly Option<string?> _candidates = Options.Text("--candidates", "FORM", "none (default), or int8: faster; finds likely tokens by an unembedding in 8 bits and computes them again exactly; measures its error.");
    private readonly SteeringOptionSet _steering = new();
    private readonly SamplingOptionSet _sampling = new("--sample-top-k");
    private readonly ModelOptionSet _model = new();
    private readonly Option<bool> _quiet = Options.Quiet();

    /// <summary>Adds everything to the command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_folder);
        _prompt.AddTo(command);
        foreach (Option option in new Option[] { _generate, _sites, _layers, _positions, _topK, _targets, _csv, _parquet, _plots.Option, _json, _html, _beside, _activations, _logits, _batchTokens, _candidates })
        {
            command.Add(option);
        }

        _steering.AddTo(command);
        _sampling.AddTo(command);
        _model.AddTo(command);
        command.Add(_quiet);
    }

    /// <summary>Reads a command line. Nothing outside it is looked at.</summary>
    /// <exception cref="UsageException">Options contradict each other.</exception>
    public LensArguments Read(ParseResult parsed)
    {
        int? generate = parsed.GetValue(_generate);
        if (generate is null && _sampling.FirstGiven(parsed) is string option)
        {
            throw new UsageException($"{option} says how to generate, but nothing is generated. Give --generate N too.");
        }

        var defaults = new LensArguments { Folder = parsed.GetRequiredValue(_folder), Prompt = _prompt.Read(parsed) };
        var arguments = defaults with
        {
            Generation = generate is null ? null : _sampling.Read(parsed, generate),
            Steering = _steering.Read(parsed),
            Sites = parsed.GetValue(_sites) is string sites ? UsageException.OfOption(() => SiteSelection.Parse(sites)) : defaults.Sites,
            Layers = parsed.GetValue(_layers) is string layers ? UsageException.OfOption(() => LayerSelection.RequireForm(layers)) : defaults.Layers,
            Positions = parsed.GetValue(_positions) is string positions ? UsageException.OfOption(() => PositionSelection.Parse(positions)) : defaults.Positions,
            TopK = parsed.GetValue(_topK) ?? defaults.TopK,
            Targets = [.. parsed.GetValue(_targets) ?? []],
            CsvFolder = parsed.GetValue(_csv),
            ParquetFolder = parsed.GetValue(_parquet),
            Plots = _plots.Read(parsed, parsed.GetValue(_csv)),
            JsonFile = parsed.GetValue(_json),
            HtmlFile = parsed.GetValue(_html),
            BesideFile = parsed.GetValue(_beside),
            ActivationsFile = parsed.GetValue(_activations),
            BatchTokens = parsed.GetValue(_batchTokens),
            Logits = parsed.GetValue(_logits),
            Model = _model.Read(parsed) with { Candidates = Candidates(parsed.GetValue(_candidates)) },
            MemoryBudget = _model.ReadBudget(parsed),
            Quiet = parsed.GetValue(_quiet),
        };
        arguments.Validate();
        return arguments;
    }

    private static Candidates Candidates(string? form) => form switch
    {
        null or "none" => Runtime.Candidates.None,
        "int8" => Runtime.Candidates.Int8,
        _ => throw new UsageException($"'{form}' after --candidates is no form of candidates. Write int8, or none."),
    };
}

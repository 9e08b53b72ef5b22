using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Lens;

namespace OnnxLens.Cli.Commands;

/// <summary>Arguments and options of <c>onnxlens sweep</c>.</summary>
internal sealed class SweepSyntax
{
    private readonly Argument<string> _folder = Options.Folder("bundle", "A lens bundle; or a checkpoint, or a folder or file with an ONNX decoder, of which a bundle is made in a cache first.");
    private readonly Option<string[]> _datasets = Options.Texts("--dataset", "[NAME=]FILE", $"Pairs to measure on, as JSON, JSONL or CSV; results call them by the file's name, or by NAME: {NamedFile.Letters}. May be repeated.");
    private readonly Option<string[]> _vectors = Options.Texts("--vector", "[NAME=]FILE[@site.layers][*scale]", "A file of vectors, or some of it; results call it by the file's name, or by NAME, as of --dataset. May be repeated.");
    private readonly Option<bool> _otherModel = SteeringOptionSet.OtherModel();
    private readonly Option<string?> _extract = Options.Text("--extract", "[NAME=]FILE", "Make the vectors first, of these pairs or contrast prompts; then the controls of shuffled labels and of the letter are run too.");
    private readonly Option<string?> _extractSplit = Options.Text("--extract-split", "NAME", "Take only the rows of this split of --extract; with --splits, from that file.");
    private readonly Option<string?> _heldOut = Options.Text("--held-out", "FILE", "Judge the extracted vectors on these pairs before they are swept.");
    private readonly Option<string?> _save = Options.Text("--save-vector", "FILE", "Write the extracted vectors; .safetensors or .gguf.");
    private readonly ExtractionOptionSet _extraction = new();
    private readonly Option<string?> _multipliers = Options.Text("--multipliers", "LIST", "Numbers with commas, or from:to:step. Default: -1.5:1.5:0.5.");
    private readonly Option<int?> _controls = Options.Count("--controls", "Random vectors of the same norm per vector and hook point; 0 runs none. Default: 20.", least: 0, most: 10_000);
    private readonly Option<string?> _text = Options.Text("--text", "FILE", "Ordinary text: measure what steering at every position costs there, as KL and perplexity. JSONL with 'text', or plain text with documents between empty lines.");
    private readonly Option<int?> _textTokens = Options.Count("--text-tokens", "Tokens of it at most. Default: 4096.", least: 2);
    private readonly DatasetOptionSet _rows = new();
    private readonly Option<string?> _out = Options.Text("--out", "DIR", "Write samples.csv, slopes.csv, summary.csv, summary.json, curves.csv, cost.csv and provenance.json. A sweep that was stopped goes on where it was.");
    private readonly Option<string?> _parquet = Options.Parquet("samples, slopes, summary, curves and cost");
    private readonly PlotOption _plots = new("slopes over layers and propensity curves");
    private readonly Option<string?> _html = Options.Text("--html", "FILE", "Write a page for a browser, which needs nothing else: slopes over layers, propensity curves, every sample, costs and the verdicts.");
    private readonly Option<int?> _resamples = Options.Count("--resamples", "Resamples of the bootstrap. Default: 10000.", most: 1_000_000);
    private readonly ModelOptionSet _model = new(isPlanned: false);
    private readonly Option<bool> _quiet = Options.Quiet();

    /// <summary>Adds everything to the command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_folder);
        foreach (Option option in new Option[] { _datasets, _vectors, _otherModel, _extract, _extractSplit, _heldOut, _save })
        {
            command.Add(option);
        }

        _extraction.AddTo(command);
        foreach (Option option in new Option[] { _multipliers, _controls, _text, _textTokens })
        {
            command.Add(option);
        }

        _rows.AddTo(command);
        foreach (Option option in new Option[] { _out, _parquet, _plots.Option, _html, _resamples })
        {
            command.Add(option);
        }

        _model.AddTo(command);
        command.Add(_quiet);
    }

    /// <summary>Reads a command line. Nothing outside it is looked at.</summary>
    /// <exception cref="UsageException">Options contradict each other, or one is missing.</exception>
    public SweepArguments Read(ParseResult parsed)
    {
        Check(parsed);
        string? extract = parsed.GetValue(_extract);
        var defaults = new SweepArguments { Folder = parsed.GetRequiredValue(_folder), Datasets = [.. (parsed.GetValue(_datasets) ?? []).Select(text => NamedFile.Parse(text, _datasets.Name))], Rows = _rows.Read(parsed) };
        return defaults with
        {
            Vectors = [.. (parsed.GetValue(_vectors) ?? []).Select(text => UsageException.OfOption(() => NamedVector.Parse(text, _vectors.Name)))],
            OtherModel = parsed.GetValue(_otherModel),
            Extract = extract is null ? null : _extraction.Read(parsed, NamedFile.Parse(extract, _extract.Name), parsed.GetValue(_extractSplit), parsed.GetValue(_heldOut)),
            VectorFile = parsed.GetValue(_save),
            Sites = _extraction.Sites(parsed) is string sites ? UsageException.OfOption(() => SiteSelection.Parse(sites)) : null,
            Layers = _extraction.Layers(parsed),
            Multipliers = parsed.GetValue(_multipliers) is string multipliers ? UsageException.OfOption(() => MultiplierGrid.Parse(multipliers)) : defaults.Multipliers,
            Controls = parsed.GetValue(_controls) ?? defaults.Controls,
            Text = parsed.GetValue(_text),
            TextTokens = parsed.GetValue(_textTokens) ?? defaults.TextTokens,
            Output = parsed.GetValue(_out),
            ParquetFolder = parsed.GetValue(_parquet),
            Plots = _plots.Read(parsed, parsed.GetValue(_out)),
            HtmlFile = parsed.GetValue(_html),
            Seed = _extraction.Seed(parsed),
            Resamples = parsed.GetValue(_resamples) ?? defaults.Resamples,
            Model = _model.Read(parsed),
            Quiet = parsed.GetValue(_quiet),
        };
    }

    private void Check(ParseResult parsed)
    {
        bool extracts = parsed.GetValue(_extract) is not null;
        if (parsed.GetValue(_datasets) is not { Length: > 0 })
        {
            throw new UsageException("There is nothing to measure on. Give --dataset FILE.");
        }

        if (!extracts && parsed.GetValue(_vectors) is not { Length: > 0 })
        {
            throw new UsageException("There are no vectors. Give --vector FILE, or --extract FILE to make them.");
        }

        if (!extracts && (parsed.GetValue(_save) is not null || parsed.GetValue(_heldOut) is not null || parsed.GetValue(_extractSplit) is not null || _extraction.NamesMethod(parsed)))
        {
            throw new UsageException("--method, --extract-split, --held-out and --save-vector are about extracted vectors, but none are extracted. Give --extract FILE too.");
        }

        if (parsed.GetValue(_textTokens) is not null && parsed.GetValue(_text) is null)
        {
            throw new UsageException("--text-tokens says how much of --text is taken. Give --text FILE too.");
        }
    }
}

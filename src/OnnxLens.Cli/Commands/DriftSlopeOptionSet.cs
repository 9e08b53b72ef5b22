using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Eval;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Lens;

namespace OnnxLens.Cli.Commands;

/// <summary>The options of <c>onnxlens drift</c> that say how slopes are compared.</summary>
internal sealed class DriftSlopeOptionSet
{
    private const string InA = "a";
    private const string InEach = "each";

    private readonly Option<string[]> _datasets = Options.Texts("--dataset", "[NAME=]FILE", $"Compare steering slopes on these pairs too, as JSON, JSONL or CSV; results call them by the file's name, or by NAME: {NamedFile.Letters}. May be repeated.");
    private readonly Option<string[]> _vectors = Options.Texts("--vector", "[NAME=]FILE[@site.layers][*scale]", "A file of vectors, or some of it, to sweep in both bundles; NAME as of --dataset. May be repeated.");
    private readonly Option<bool> _otherModel = SteeringOptionSet.OtherModel();
    private readonly Option<string?> _extract = Options.Text("--extract", "[NAME=]FILE", "Make the vectors first, of these pairs or contrast prompts.");
    private readonly Option<string?> _extractIn = Options.Text("--extract-in", "WHERE", $"{InA} (default): of A's activations, and sweep them in both; {InEach}: each bundle sweeps its own.");
    private readonly ExtractionOptionSet _extraction = new("--steer-");
    private readonly Option<string?> _multipliers = Options.Text("--multipliers", "LIST", "Numbers with commas, or from:to:step. Default: -1.5:1.5:0.5.");
    private readonly DatasetOptionSet _rows = new();
    private readonly Option<int?> _resamples = Options.Count("--resamples", "Resamples of the bootstrap. Default: 10000.", most: 1_000_000);

    private ImmutableArray<Option> _all = [];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        int before = command.Options.Count;
        foreach (Option option in new Option[] { _datasets, _vectors, _otherModel, _extract, _extractIn })
        {
            command.Add(option);
        }

        _extraction.AddTo(command);
        command.Add(_multipliers);
        _rows.AddTo(command);
        command.Add(_resamples);
        _all = [.. command.Options.Skip(before)];
    }

    /// <summary>Reads them; null where no slopes are asked for.</summary>
    /// <exception cref="UsageException">Options contradict each other, or one is missing.</exception>
    public DriftSlopeArguments? Read(ParseResult parsed)
    {
        if (!Asks(parsed))
        {
            return null;
        }

        string? extract = parsed.GetValue(_extract);
        var defaults = new DriftSlopeArguments { Datasets = [.. parsed.GetValue(_datasets)!.Select(text => NamedFile.Parse(text, _datasets.Name))], Rows = _rows.Read(parsed) };
        return defaults with
        {
            Vectors = [.. (parsed.GetValue(_vectors) ?? []).Select(text => UsageException.OfOption(() => NamedVector.Parse(text, _vectors.Name)))],
            OtherModel = parsed.GetValue(_otherModel),
            Extract = extract is null ? null : _extraction.Read(parsed, NamedFile.Parse(extract, _extract.Name), split: null, heldOut: null),
            ExtractInEach = ExtractsInEach(parsed),
            Sites = _extraction.Sites(parsed) is string sites ? UsageException.OfOption(() => SiteSelection.Parse(sites)) : null,
            Layers = _extraction.Layers(parsed),
            Multipliers = parsed.GetValue(_multipliers) is string multipliers ? UsageException.OfOption(() => MultiplierGrid.Parse(multipliers)) : defaults.Multipliers,
            Seed = _extraction.Seed(parsed),
            Resamples = parsed.GetValue(_resamples) ?? defaults.Resamples,
        };
    }

    private bool Asks(ParseResult parsed)
    {
        bool hasVectors = parsed.GetValue(_vectors) is { Length: > 0 };
        bool extracts = parsed.GetValue(_extract) is not null;
        if (parsed.GetValue(_datasets) is not { Length: > 0 })
        {
            return _all.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is not Option option
                ? false
                : throw new UsageException($"{option.Name} says how slopes are compared, but there is nothing to measure them on. Give --dataset FILE too.");
        }

        if (!hasVectors && !extracts)
        {
            throw new UsageException("There are no vectors whose slopes could be compared on --dataset. Give --vector FILE, or --extract FILE to make them.");
        }

        return extracts || (!_extraction.NamesMethod(parsed) && parsed.GetValue(_extractIn) is null)
            ? true
            : throw new UsageException("--method and --extract-in are about extracted vectors, but none are extracted. Give --extract FILE too.");
    }

    private bool ExtractsInEach(ParseResult parsed) => parsed.GetValue(_extractIn) switch
    {
        null or InA => false,
        InEach => true,
        string other => throw new UsageException($"'{other}' after --extract-in is no place to extract. Write {InA} or {InEach}."),
    };
}

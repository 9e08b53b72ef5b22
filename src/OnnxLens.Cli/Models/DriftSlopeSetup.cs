using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Drift;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Runtime;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Models;

/// <summary>The sweeps of a comparison resolved against two bundles.</summary>
internal sealed class DriftSlopeSetup
{
    private readonly DriftSlopeArguments _arguments;
    private readonly SweptVectors _files;

    /// <summary>Resolves.</summary>
    /// <exception cref="OnnxLensException">A file cannot be read, something asked for does not fit, or the bundles read a dataset differently.</exception>
    public DriftSlopeSetup(DriftSlopeArguments arguments, LensBundle a, LensBundle b)
    {
        _arguments = arguments;
        NamedFile.RequireDistinct([.. arguments.Datasets.Select(dataset => dataset.Name)], "dataset");
        NamedFile.RequireDistinct([.. arguments.Vectors.Select(vector => vector.Name), .. arguments.Extract is null ? [] : new[] { arguments.Extract.Dataset.Name }], "vector");
        var sources = (A: new DatasetSource(a, arguments.Rows), B: new DatasetSource(b, arguments.Rows));
        Datasets = [.. arguments.Datasets.Select(dataset => Read(dataset, arguments.Rows.Split, sources.A, sources.B))];
        ExtractionA = arguments.Extract is null ? null : new Extraction(arguments.Extract, sources.A, a.Manifest.Model);
        ExtractionB = arguments.Extract is null || !arguments.ExtractInEach ? null : new Extraction(arguments.Extract, sources.B, b.Manifest.Model);
        _files = SweptVectors.Read(
            arguments.Vectors, arguments.Sites, arguments.Layers, a.Manifest.Model, extracts: arguments.Extract is not null, content => Check(content, a, b, arguments.OtherModel));
        Notes = [.. _files.Notes, .. Datasets.SelectMany(set => DatasetNotes.Of(set)), .. ExtractionA?.Notes ?? []];
    }

    /// <summary>The datasets to measure on.</summary>
    public ImmutableArray<PairSet> Datasets { get; }

    /// <summary>What is extracted in A, or null.</summary>
    public Extraction? ExtractionA { get; }

    /// <summary>What is extracted in B, or null where nothing is or A's vectors are taken.</summary>
    public Extraction? ExtractionB { get; }

    /// <summary>What the user should know of files and datasets.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>Samples of all datasets.</summary>
    public int Samples => Datasets.Sum(set => set.Pairs.Length);

    /// <summary>Options with which a model is opened for its sweep.</summary>
    /// <param name="options">The user's own.</param>
    /// <param name="extraction">What is extracted in it, or null.</param>
    public LensModelOptions ModelOptions(LensModelOptions options, Extraction? extraction)
    {
        var fromFiles = new SweepPlan { Vectors = _files.Vectors, Multipliers = _arguments.Multipliers, Unit = _files.Unit };
        LensModelOptions swept = fromFiles.ModelOptions(options);
        return extraction is null ? swept : ActivationReader.ModelOptions(swept, extraction.Points);
    }

    /// <summary>The sweep, once vectors were extracted.</summary>
    /// <param name="extracted">What was extracted; empty where nothing was.</param>
    /// <exception cref="EvalException">There is nothing to sweep.</exception>
    public SweepPlan Plan(ImmutableArray<ExtractedVector> extracted)
    {
        var plan = new SweepPlan
        {
            Vectors = [.. _files.Vectors, .. extracted.Select(vector => new SweepVector(ExtractionA!.Name, vector.Point, vector.Values))],
            Multipliers = _arguments.Multipliers,
            Unit = _files.Unit,
        };
        plan.Validate();
        return plan;
    }

    /// <summary>How slopes were measured.</summary>
    public DriftSlopeProvenance Provenance(SweepPlan a, SweepPlan b) => new()
    {
        Datasets = Datasets.ToImmutableSortedDictionary(set => set.Name, set => set.Hash),
        Split = _arguments.Rows.Split ?? PairSet.NoSplit,
        PromptForm = Datasets[0].PromptForm,
        VectorsA = SweptVectors.HashesOf(a),
        VectorsB = SweptVectors.HashesOf(b),
        ExtractionHash = ExtractionA?.DatasetHash,
        Multipliers = _arguments.Multipliers,
        Seed = _arguments.Seed,
        Resamples = _arguments.Resamples,
    };

    /// <summary>Reads a dataset by both bundles' tokenizers, templates and lengths: slopes can be set side by side only of the same prompts.</summary>
    private static PairSet Read(NamedFile dataset, string? split, DatasetSource a, DatasetSource b)
    {
        PairSet own = a.ReadPairs(dataset.Rest, dataset.Name, split);
        PairSet theirs = b.ReadPairs(dataset.Rest, dataset.Name, split);
        if (own.Pairs.Length < 2)
        {
            throw new EvalException($"'{own.Name}' has a single sample, which says nothing of others. Give at least two, better dozens.");
        }

        string? different = own.Pairs.Zip(theirs.Pairs).FirstOrDefault(pair => !IsSame(pair.First, pair.Second)).First?.Sample;
        return different is null && own.Pairs.Length == theirs.Pairs.Length
            ? own
            : throw new EvalException(
                $"A and B do not read '{own.Name}' alike: {own.Pairs.Length} pairs can be used in A and {theirs.Pairs.Length} in B{(different is null ? "" : $", and sample '{different}' is not the same tokens in both")}. Give bundles of one tokenizer, chat template and length.");
    }

    private static bool IsSame(LabelledPair pair, LabelledPair other) =>
        (pair.Sample, pair.PositiveToken, pair.NegativeToken) == (other.Sample, other.PositiveToken, other.NegativeToken) && pair.Prompt.AsSpan().SequenceEqual(other.Prompt.AsSpan());

    /// <summary>Vectors of either bundle's weights are of the model; those of neither are refused.</summary>
    private static IEnumerable<string> Check(VectorFileContent content, LensBundle a, LensBundle b, bool otherModel)
    {
        try
        {
            return [.. VectorNotes.Of(content, a, otherModel: false)];
        }
        catch (SelectionException)
        {
            return VectorNotes.Of(content, b, otherModel);
        }
    }
}

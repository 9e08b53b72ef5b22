using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Cli.Rendering;
using OnnxLens.Eval;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Extraction;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Models;

/// <summary>An extraction resolved against a bundle: datasets are read and checked before a model is loaded.</summary>
internal sealed class Extraction
{
    private readonly ExtractionArguments _arguments;
    private readonly PairSet? _pairs;
    private readonly PairSet? _heldOutPairs;
    private readonly PromptSet? _prompts;
    private readonly PromptSet? _heldOutPrompts;

    /// <summary>Resolves.</summary>
    /// <exception cref="OnnxLensException">A dataset cannot be read, or a layer or site is not there.</exception>
    public Extraction(ExtractionArguments arguments, DatasetSource datasets, ModelFacts facts)
    {
        _arguments = arguments;
        Name = arguments.Dataset.Name;
        Points = HookPoints(arguments.Sites, arguments.Layers, facts);
        if (DatasetReader.HoldsPrompts(arguments.Dataset.Rest))
        {
            if (arguments.Split is not null)
            {
                throw new SelectionException($"'{arguments.Dataset.Rest}' holds contrast prompts, which have no splits. Leave the split out, or give pairs with answers.");
            }

            _prompts = datasets.ReadPrompts(arguments.Dataset.Rest, Name);
            _heldOutPrompts = arguments.HeldOut is null ? null : datasets.ReadPrompts(arguments.HeldOut, "held-out");
            Notes = DatasetNotes.Of(_prompts);
            return;
        }

        _pairs = RequireSeveral(datasets.ReadPairs(arguments.Dataset.Rest, Name, arguments.Split));
        _heldOutPairs = arguments.HeldOut is null ? null : datasets.ReadPairs(arguments.HeldOut, "held-out", split: null);
        Notes = [.. DatasetNotes.Of(_pairs), .. _heldOutPairs is null ? [] : DatasetNotes.Of(_heldOutPairs).Concat(NotHeldOut(_heldOutPairs))];
    }

    /// <summary>The dataset's name, which the vector gets too.</summary>
    public string Name { get; }

    /// <summary>Where it is extracted.</summary>
    public ImmutableArray<HookPoint> Points { get; }

    /// <summary>SHA-256 of the pairs used.</summary>
    public string DatasetHash => _pairs?.Hash ?? _prompts!.Hash;

    /// <summary>What the user should know of the datasets.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>How many pairs of a set ask questions that the vectors are made of.</summary>
    public int Shared(PairSet set) => _pairs is null ? 0 : set.SharedQuestions(_pairs);

    /// <summary>Extracts.</summary>
    /// <param name="model">A model opened with <see cref="ActivationReader.ModelOptions"/> for <see cref="Points"/>.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Stops within a step.</param>
    public ImmutableArray<ExtractedVector> Run(LensModel model, ProgressLine progress, CancellationToken cancellation)
    {
        var reader = new ActivationReader(model, Points);
        ActivationPairs train = Read(reader, _pairs, _prompts, "reading pairs", progress, cancellation);
        ActivationPairs? heldOut = _arguments.HeldOut is null ? null : Read(reader, _heldOutPairs, _heldOutPrompts, "reading held-out pairs", progress, cancellation);
        progress.Report("making vectors");
        return new VectorExtractor(_arguments.Method, _pairs, _arguments.Seed).Extract(train, heldOut, cancellation);
    }

    /// <summary>Where there is no vector, and why.</summary>
    public IEnumerable<string> LeftOut(ImmutableArray<ExtractedVector> extracted)
    {
        HookPoint[] without = [.. Points.Except(extracted.Select(vector => vector.Point))];
        return without.Length == 0
            ? []
            : [$"{Name}: no vector at {string.Join(", ", without)}, where the differences of the pairs cancel: the activation depends there on the label's token alone"];
    }

    /// <summary>What the vectors are made from.</summary>
    public VectorOrigin OriginIn(LensBundle bundle) => new()
    {
        Tool = Provenance.ThisTool,
        BundleHash = bundle.Hash,
        WeightsHash = bundle.WeightsHash,
        Model = bundle.Manifest.Model.Family,
        Method = _arguments.Method.Name(),
        Dataset = Name,
        DatasetHash = DatasetHash,
        Pairs = _pairs?.Pairs.Length ?? _prompts!.Prompts.Length,
        Position = _pairs is null ? "last" : "label",
    };

    /// <summary>The vectors as they are written into a file, one for each site.</summary>
    public ImmutableArray<SteeringVector> ToVectors(LensBundle bundle, ImmutableArray<ExtractedVector> extracted)
    {
        VectorOrigin origin = OriginIn(bundle);
        return
        [
            .. extracted.GroupBy(vector => vector.Point.Site)
                .Select(site => new SteeringVector(site.Key, site.ToImmutableSortedDictionary(vector => vector.Point.Layer, vector => vector.Values), origin)),
        ];
    }

    private static PairSet RequireSeveral(PairSet pairs) => pairs.Pairs.Length > 1
        ? pairs
        : throw new EvalException($"'{pairs.Name}' has a single pair, whose difference is that of its two labels as much as of any behaviour. Give at least two, better dozens.");

    private IEnumerable<string> NotHeldOut(PairSet heldOut)
    {
        if (Shared(heldOut) is > 0 and int shared)
        {
            yield return $"{heldOut.Name}: {shared} of its {heldOut.Pairs.Length} pairs ask questions that the vector is made of, so they judge it too well";
        }
    }

    /// <summary>Hook points at steerable sites.</summary>
    /// <exception cref="SelectionException">A site cannot be steered, or a layer is not there.</exception>
    private static ImmutableArray<HookPoint> HookPoints(ImmutableArray<Site> sites, string layers, ModelFacts facts)
    {
        Site[] wrong = [.. sites.Where(site => !site.IsSteerable())];
        return wrong.Length == 0
            ? HookSpec.Points(sites, LayerSelection.Resolve(layers, facts.Layers))
            : throw new SelectionException(
                $"A vector of '{wrong[0].Name()}' could not be added there. Steerable sites are: {Sites.SteerableNames}.");
    }

    private static ActivationPairs Read(
        ActivationReader reader, PairSet? pairs, PromptSet? prompts, string phase, ProgressLine progress, CancellationToken cancellation)
    {
        progress.Begin(phase, pairs?.Pairs.Length ?? prompts!.Prompts.Length);
        return pairs is not null ? reader.AtLabel(pairs.Pairs, progress, cancellation) : reader.AtLastToken(prompts!.Prompts, progress, cancellation);
    }
}

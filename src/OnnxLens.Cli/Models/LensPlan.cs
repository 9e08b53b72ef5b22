using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>A lens command resolved against a bundle: everything is checked that can be before the model is loaded.</summary>
internal sealed class LensPlan
{
    private LensPlan(LensBundle bundle, Tokenizer? tokenizer, Prompt prompt, ImmutableArray<HookPoint> points, ImmutableArray<int> targets, GenerationOptions? generation, SteeringPlan steering, int capacity, MemoryPlan memory)
    {
        Bundle = bundle;
        Tokenizer = tokenizer;
        Prompt = prompt;
        Points = points;
        Targets = targets;
        Generation = generation;
        Steering = steering;
        Capacity = capacity;
        Memory = memory;
    }

    /// <summary>The bundle.</summary>
    public LensBundle Bundle { get; }

    /// <summary>Its tokenizer, or null.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>The prompt.</summary>
    public Prompt Prompt { get; }

    /// <summary>Hook points to decode, sites first in forward order.</summary>
    public ImmutableArray<HookPoint> Points { get; }

    /// <summary>Ids whose rank and probability are asked for.</summary>
    public ImmutableArray<int> Targets { get; }

    /// <summary>How to generate, or null.</summary>
    public GenerationOptions? Generation { get; }

    /// <summary>How the run is steered.</summary>
    public SteeringPlan Steering { get; }

    /// <summary>Positions that the run has room for.</summary>
    public int Capacity { get; }

    /// <summary>How the run is cut so that it stays within its memory.</summary>
    public MemoryPlan Memory { get; }

    /// <summary>Positions that are run at most. The last token generated is not run.</summary>
    public int Longest => GenerationArguments.Longest(Prompt.Ids.Length, Capacity, Generation);

    /// <summary>The points to decode, and the model's own output, from which KL and logits are taken.</summary>
    public ImmutableArray<HookPoint> Captured => [.. Points.Append(HookPoint.Final(Bundle.Manifest.Model)).Distinct()];

    /// <summary>Resolves.</summary>
    /// <exception cref="OnnxLensException">Something asked for is not there, or does not fit.</exception>
    public static LensPlan Make(LensArguments arguments, LensBundle bundle)
    {
        ModelFacts facts = bundle.Manifest.Model;
        Tokenizer? tokenizer = Tokenizers.Of(bundle);
        ImmutableArray<HookPoint> points = HookSpec.Points(arguments.Sites, LayerSelection.Resolve(arguments.Layers, facts.Layers));
        Prompt prompt = Prompt.Read(arguments.Prompt, bundle, tokenizer);
        ImmutableArray<int> targets = Models.Targets.Read(arguments.Targets, facts, tokenizer, numbersAreIds: prompt.Text is null);
        GenerationOptions? generation = arguments.Generation?.For(facts);
        Tokenizers.RequireFor(generation, tokenizer);
        SteeringPlan steering = SteeringPlan.Make(arguments.Steering, bundle, tokenizer);
        if (generation is null)
        {
            steering.RequirePrompt();
        }

        int capacity = arguments.Generation?.Capacity(facts, prompt.Ids.Length) ?? Lengths.Require(facts, prompt.Ids.Length, 0);

        // What the longest possible run does not have, no run has.
        int longest = GenerationArguments.Longest(prompt.Ids.Length, capacity, generation);
        steering.RequirePossible(prompt.Ids, longest);
        ImmutableArray<int> positions = arguments.Positions.Possible(prompt.Ids.Length, longest);
        new LensRequest { Points = points, Positions = positions, TopK = arguments.TopK, Targets = targets }.Validate(facts, longest);
        var needs = new MemoryNeeds
        {
            PromptLength = prompt.Ids.Length,
            Length = longest,
            CapturedPoints = MemoryNeeds.Stored(points, facts),
            Cells = (long)points.Length * positions.Length,
            TopK = arguments.TopK,
            Targets = targets.Length,
            ByCandidates = arguments.Model.Candidates != Candidates.None,
            KeepsCaptures = arguments.ActivationsFile is not null,
        };
        var memory = MemoryPlan.Make(bundle, needs, arguments.Model.Devices, arguments.MemoryBudget);
        if (memory.IsWindowed && arguments.Model.Candidates != Candidates.None)
        {
            throw new SelectionException("With '--candidates' cells are decoded once more exactly, to say how far they are off, so all captures must be held, and they do not fit the memory that may be used. Give '--memory-budget' more, or leave '--candidates' out.");
        }

        return new LensPlan(bundle, tokenizer, prompt, points, targets, generation, steering, capacity, memory);
    }
}

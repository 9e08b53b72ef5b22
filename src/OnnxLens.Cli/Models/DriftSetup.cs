using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using OnnxLens.Lens;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>A comparison resolved against two bundles: everything is read and checked that can be before a model is loaded.</summary>
internal sealed class DriftSetup
{
    /// <summary>Resolves.</summary>
    /// <exception cref="OnnxLensException">The bundles are not of one model, a file cannot be read, or something asked for is not there or does not fit.</exception>
    public DriftSetup(DriftArguments arguments, LensBundle a, LensBundle b)
    {
        (A, B) = (a, b);
        ModelFacts facts = a.Manifest.Model;
        LensComparison.RequireComparable(facts, b.Manifest.Model);
        (TokenizerA, Tokenizer? tokenizerB) = (Tokenizers.Of(a), Tokenizers.Of(b));
        TokenizerHashB = tokenizerB?.Hash;
        var file = PromptFile.Read(arguments.Prompts);
        PromptsHash = file.Hash;
        (Prompts, ImmutableArray<string> notes) = Tokenize(file, TokenizerA, tokenizerB, facts.VocabularySize, Math.Min(facts.MaxLength, b.Manifest.Model.MaxLength));
        Plan = DriftPlan.Of(facts, arguments.Sites, LayerSelection.Resolve(arguments.Layers, facts.Layers)) with { Positions = arguments.Positions, TopK = arguments.TopK };
        foreach (DriftPrompt prompt in Prompts)
        {
            LensRequest request = Plan.RequestOf(prompt, facts);
            Cells += (long)request.Points.Length * request.Positions.Length;
        }

        Slopes = arguments.Slopes is null ? null : new DriftSlopeSetup(arguments.Slopes, a, b);
        Notes = [.. notes, .. Slopes?.Notes ?? []];
    }

    /// <summary>The bundle from which distance is measured.</summary>
    public LensBundle A { get; }

    /// <summary>The bundle whose distance is measured.</summary>
    public LensBundle B { get; }

    /// <summary>A's tokenizer, or null.</summary>
    public Tokenizer? TokenizerA { get; }

    /// <summary>SHA-256 of B's tokenizer, or null where it has none.</summary>
    public string? TokenizerHashB { get; }

    /// <summary>The prompts, at least one.</summary>
    public ImmutableArray<DriftPrompt> Prompts { get; }

    /// <summary>SHA-256 of the file of prompts.</summary>
    public string PromptsHash { get; }

    /// <summary>Where the bundles are compared.</summary>
    public DriftPlan Plan { get; }

    /// <summary>Hook points × positions of all prompts.</summary>
    public long Cells { get; }

    /// <summary>How slopes are compared, or null.</summary>
    public DriftSlopeSetup? Slopes { get; }

    /// <summary>What the user should know.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>Makes tokens. Where the tokenizers' files differ, both must make the same of every prompt: exporters write the same tokenizer in different words.</summary>
    private static (ImmutableArray<DriftPrompt> Prompts, ImmutableArray<string> Notes) Tokenize(PromptFile file, Tokenizer? a, Tokenizer? b, int vocabulary, int longest)
    {
        if (!file.HasText)
        {
            return (file.Tokenize(null, vocabulary, longest), []);
        }

        if (a is null || b is null)
        {
            string without = a is null ? b is null ? "Neither bundle has" : "A has not" : "B has not";
            throw new SelectionException($"{without} the tokenizer files that prompts of text need. Give ids in '{file.Path}', as 'onnxlens tokenize --file' writes them, e.g. [1,403,407] on a line of a .jsonl file.");
        }

        ImmutableArray<DriftPrompt> prompts = file.Tokenize(a, vocabulary, longest);
        if (a.Hash == b.Hash)
        {
            return (prompts, []);
        }

        foreach ((DriftPrompt own, DriftPrompt theirs) in prompts.Zip(file.Tokenize(b, vocabulary, longest)))
        {
            int shared = own.Ids.AsSpan().CommonPrefixLength(theirs.Ids.AsSpan());
            if (shared < Math.Max(own.Ids.Length, theirs.Ids.Length))
            {
                throw new SelectionException(
                    $"The tokenizers of A and B differ: of '{file.Path}', line {own.Line}, A makes {own.Ids.Length} tokens and B {theirs.Ids.Length}, and token {shared} is {Id(own.Ids, shared)} in A and {Id(theirs.Ids, shared)} in B. Give the prompts as ids, or bundles of one tokenizer.");
            }
        }

        return (prompts, ["the tokenizer files of A and B differ, but make the same tokens of every prompt"]);
    }

    private static string Id(ImmutableArray<int> ids, int index) => index < ids.Length ? $"{ids[index]}" : "none";
}

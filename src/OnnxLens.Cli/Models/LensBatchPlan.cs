using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Reports.Batches;
using OnnxLens.Runtime;
using OnnxLens.Tokenization;
using OnnxLens.Tokenization.ChatTemplates;

namespace OnnxLens.Cli.Models;

/// <summary>A lens of many prompts resolved against a bundle: every line is read and checked before the model is loaded.</summary>
internal sealed class LensBatchPlan
{
    private readonly LensArguments _arguments;
    private readonly PromptFile _file;
    private readonly Lazy<ChatTemplate> _template;
    private readonly MemoryPlan _memory;

    /// <summary>Resolves.</summary>
    /// <exception cref="OnnxLensException">Something asked for is not there, or does not fit; of a prompt the message names its line.</exception>
    public LensBatchPlan(LensArguments arguments, LensBundle bundle)
    {
        _arguments = arguments;
        Bundle = bundle;
        _template = new(() => ChatTemplate.Load(bundle.Folder));
        ModelFacts facts = bundle.Manifest.Model;
        Tokenizer = Tokenizers.Of(bundle);
        Points = HookSpec.Points(arguments.Sites, LayerSelection.Resolve(arguments.Layers, facts.Layers));
        ChatTemplateHash = arguments.Prompt.Chat is null ? null : _template.Value.Hash;
        _file = PromptFile.Read(arguments.Prompt.Many!);
        Targets = Models.Targets.Read(arguments.Targets, facts, Tokenizer, numbersAreIds: !_file.HasText);
        Steering = SteeringPlan.Make(arguments.Steering, bundle, Tokenizer);
        Steering.RequirePrompt();
        Prompts = [.. _file.Lines.Select(Read)];
        RequireDistinct();
        int longest = Prompts.Max(prompt => prompt.Ids.Length);
        var needs = new MemoryNeeds
        {
            PromptLength = Math.Max(longest, arguments.BatchTokens ?? new LensBatchOptions().MicroBatchTokens), // Of shorter ones as many run together.
            Prompts = Prompts.Length,
            Length = longest,
            CapturedPoints = MemoryNeeds.Stored(Points, facts),
            Cells = (long)Points.Length * Prompts.Max(prompt => prompt.Positions.Length),
            TopK = arguments.TopK,
            Targets = Targets.Length,
            KeepsCaptures = true,
        };
        _memory = MemoryPlan.Make(bundle, needs, arguments.Model.Devices, arguments.MemoryBudget);
    }

    /// <summary>The bundle.</summary>
    public LensBundle Bundle { get; }

    /// <summary>Its tokenizer, or null.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>The prompts, in the order of the file.</summary>
    public ImmutableArray<BatchPrompt> Prompts { get; }

    /// <summary>Hook points to decode, sites first in forward order.</summary>
    public ImmutableArray<HookPoint> Points { get; }

    /// <summary>Ids whose rank and probability are asked for.</summary>
    public ImmutableArray<int> Targets { get; }

    /// <summary>How every prompt is steered.</summary>
    public SteeringPlan Steering { get; }

    /// <summary>SHA-256 of the chat template that prompts go through, or null.</summary>
    public string? ChatTemplateHash { get; }

    /// <summary>The prompts from one on, as the library runs them.</summary>
    public IEnumerable<LensInput> Inputs(int first) => Prompts.Skip(first).Select(prompt => new LensInput(prompt.Name, prompt.Ids, Request(prompt.Positions)) { Steer = Steering.Operations });

    /// <summary>What the model is opened for.</summary>
    public LensModelOptions ModelOptions => _memory.Apply(_arguments.Model) with { HeadMemoryBytes = HeadBytes, Capture = Request([0]).Captured(Bundle.Manifest.Model), Steer = Steering.Operations };

    /// <summary>How prompts run together. The longest alone, of which no capture is released before all are read, stays within the memory that may be used.</summary>
    public LensBatchOptions BatchOptions
    {
        get
        {
            LensBatchOptions defaults = new();
            long left = Math.Max(1, _memory.Budget - _memory.PrefillBytes - HeadBytes - _memory.OtherBytes);
            long bytes = Math.Max(1, left / 5 * 4); // Results may take a quarter of this besides.
            return defaults with
            {
                MemoryBytes = _arguments.MemoryBudget is null ? Math.Min(defaults.MemoryBytes, bytes) : bytes,
                InFlight = left < 2 * (_memory.CacheBytes + _memory.CaptureBytes) ? 1 : defaults.InFlight,
                MicroBatchTokens = _arguments.BatchTokens ?? Math.Min(defaults.MicroBatchTokens, _memory.ChunkLength),
            };
        }
    }

    /// <summary>What calls of the LM head may hold: several run at once, one for each shard and the head itself, and may take half of what the longest prompt leaves.</summary>
    private long HeadBytes
    {
        get
        {
            long most = _arguments.Model.HeadMemoryBytes * (_arguments.MemoryBudget is null ? Bundle.Manifest.Shards.Length + 1 : 1);
            return Math.Max(_memory.HeadBytes, Math.Min(most, _memory.HeadBytes + ((_memory.Budget - _memory.TotalBytes) / 2)));
        }
    }

    /// <summary>What the results depend on, by name: two runs that agree in it may go on from one another.</summary>
    public ImmutableSortedDictionary<string, string> Identity(ImmutableArray<string> devices) => new Dictionary<string, string>
    {
        ["tool"] = Provenance.ThisTool,
        ["bundle"] = Bundle.Hash,
        ["devices"] = string.Join(',', devices),
        ["prompts"] = _file.Hash,
        ["form"] = _arguments.Prompt.Chat is ChatSource chat ? $"chat by template {ChatTemplateHash}, system message: {chat.System ?? "none"}" : "raw",
        ["tokenizer"] = Tokenizer?.Hash ?? "none",
        ["points"] = string.Join(',', Points),
        ["positions"] = _arguments.Positions.Text,
        ["top-k"] = _arguments.TopK.ToString(CultureInfo.InvariantCulture),
        ["targets"] = string.Join(',', Targets),
        ["steering"] = string.Join(',', Steering.Records([.. Steering.Operations.Select(_ => 0L)])
            .Select(record => $"{record.Vector}={record.Hash} {record.Operator} @{record.Point}*{record.Strength} at {record.Positions}")),
    }.ToImmutableSortedDictionary();

    /// <summary>Where the results came from.</summary>
    public LensBatchProvenance Origin(ImmutableArray<string> devices, LensBatchProgress done) => new()
    {
        Tool = Provenance.ThisTool,
        Folder = _arguments.Folder,
        BundleHash = Bundle.Hash,
        Precision = Bundle.Manifest.Precision,
        Quantization = Bundle.Manifest.Quantization,
        Devices = devices,
        TokenizerHash = Tokenizer?.Hash,
        ChatTemplateHash = ChatTemplateHash,
        PromptsHash = _file.Hash,
        Prompts = done.Prompts,
        Tokens = done.Tokens,
        Steering = Steering.Records(done.Steered),
        Positions = _arguments.Positions.Text,
    };

    private LensRequest Request(ImmutableArray<int> positions) => new() { Points = Points, Positions = positions, TopK = _arguments.TopK, Targets = Targets };

    private BatchPrompt Read(PromptLine line)
    {
        try
        {
            if (line.Ids is not null && _arguments.Prompt.Chat is not null)
            {
                throw new SelectionException("--chat wraps a text, and this prompt is given as ids.");
            }

            ModelFacts facts = Bundle.Manifest.Model;
            ImmutableArray<int> ids = Prompt.Of(line.Text, line.Ids, _arguments.Prompt.Chat, _template, facts.VocabularySize, Tokenizer).Ids;
            if (ids.IsEmpty)
            {
                throw new SelectionException("The prompt has no tokens. Take it out, or give another.");
            }

            int length = Lengths.Require(facts, ids.Length, 0);
            ImmutableArray<int> positions = _arguments.Positions.Resolve(length, length);
            Request(positions).Validate(facts, length);
            Steering.RequirePossible(ids, length);

            return new BatchPrompt(line.Name ?? line.Line.ToString(CultureInfo.InvariantCulture), ids, positions);
        }
        catch (Exception refusal) when (refusal is SelectionException or ChatTemplateException)
        {
            throw new InputException($"'{_file.Path}', line {line.Line}: {refusal.Message}", refusal);
        }
    }

    private void RequireDistinct()
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((BatchPrompt prompt, PromptLine line) in Prompts.Zip(_file.Lines))
        {
            if (!lines.TryAdd(prompt.Name, line.Line))
            {
                throw new InputException($"'{_file.Path}', line {line.Line}: the id '{prompt.Name}' is that of line {lines[prompt.Name]} too, so their results could not be told apart. Give each prompt an id of its own; one without has the number of its line.");
            }
        }
    }
}

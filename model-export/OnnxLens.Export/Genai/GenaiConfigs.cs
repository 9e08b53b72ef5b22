using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Bundles;

namespace OnnxLens.Export.Genai;

/// <summary>Makes the <c>genai_config.json</c> of graphs.</summary>
internal static class GenaiConfigs
{
    /// <summary>Options of every session, those of stages included, as the model builder writes them. No provider is the CPU.</summary>
    private const string Sessions = """{"log_id":"onnxruntime-genai","provider_options":[]}""";

    /// <summary>Names of the model's ports.</summary>
    public static GenaiConfig.InputNames Inputs(BundleManifest manifest) => new() { PositionIds = manifest.Shards[0].PositionIds };

    /// <summary>The configuration.</summary>
    /// <param name="facts">The model's sizes.</param>
    /// <param name="ids">Its special ids.</param>
    /// <param name="inputs">Names of its inputs.</param>
    /// <param name="graphs">One graph, or the stages of a pipeline, the LM head last.</param>
    public static GenaiConfig Make(ModelFacts facts, SpecialIds ids, GenaiConfig.InputNames inputs, ImmutableArray<GenaiGraph> graphs)
    {
        bool single = graphs.Length == 1;
        return new GenaiConfig(
            new GenaiConfig.ModelPart
            {
                Type = single ? facts.Family : GenaiConfig.PipelineType,
                VocabSize = facts.VocabularySize,
                ContextLength = facts.MaxLength, // The rotary tables end there, whatever the model was trained for.
                BosTokenId = ids.Bos,
                EosTokenId = ids.Eos,
                PadTokenId = ids.Pad,
                Decoder = new GenaiConfig.DecoderPart
                {
                    SessionOptions = JsonElement.Parse(Sessions),
                    Filename = single ? graphs[0].File : null,
                    HeadSize = facts.HeadDim,
                    HiddenSize = facts.HiddenSize,
                    NumAttentionHeads = facts.Heads,
                    NumHiddenLayers = facts.Layers,
                    NumKeyValueHeads = facts.KvHeads,
                    Inputs = inputs,
                    Outputs = new GenaiConfig.OutputNames(),
                    Pipeline = single ? null : [.. graphs.Select((graph, index) => Stage(graph, isLast: index == graphs.Length - 1))],
                },
            },
            new GenaiConfig.SearchPart { MaxLength = facts.MaxLength, PastPresentShareBuffer = true });
    }

    private static OrderedDictionary<string, GenaiConfig.StagePart> Stage(GenaiGraph graph, bool isLast) => new()
    {
        [Path.GetFileNameWithoutExtension(graph.File)] = new GenaiConfig.StagePart { Filename = graph.File, Inputs = [.. graph.Inputs], Outputs = [.. graph.Outputs], IsLmHead = isLast },
    };
}

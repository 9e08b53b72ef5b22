using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;

namespace OnnxLens.Export.Families;

/// <summary>Names and shapes of the weights of a Hugging Face decoder checkpoint. All families share the names.</summary>
public static class WeightNames
{
    /// <summary>Embedding, [V,H].</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>Final norm, [H].</summary>
    public const string FinalNorm = "model.norm.weight";

    /// <summary>Unembedding, [V,H]. Absent where it is tied to the embedding.</summary>
    public const string LmHead = "lm_head.weight";

    /// <summary>Name of a weight of one layer, e.g. <c>model.layers.3.mlp.up_proj.weight</c>.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="part">What follows the layer, e.g. <c>mlp.up_proj.weight</c>.</param>
    public static string Layer(int layer, string part) =>
        string.Create(CultureInfo.InvariantCulture, $"model.layers.{layer}.{part}");

    /// <summary>Every weight that the architecture needs, in the order of the forward pass.</summary>
    public static IEnumerable<WeightSpec> Needed(Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        return NeededCore(architecture);
    }

    private static IEnumerable<WeightSpec> NeededCore(Architecture architecture)
    {
        ModelFacts facts = architecture.Facts;
        yield return new(Embedding, [facts.VocabularySize, facts.HiddenSize]);
        for (int layer = 0; layer < facts.Layers; layer++)
        {
            foreach (WeightSpec spec in Block(architecture))
            {
                yield return spec with { Name = Layer(layer, spec.Name) };
            }
        }

        yield return new(FinalNorm, [facts.HiddenSize]);
        if (!facts.TiedEmbedding)
        {
            yield return new(LmHead, [facts.VocabularySize, facts.HiddenSize]);
        }
    }

    private static List<WeightSpec> Block(Architecture architecture)
    {
        ModelFacts facts = architecture.Facts;
        long hidden = facts.HiddenSize;
        long inner = facts.IntermediateSize!.Value;
        long query = (long)facts.Heads * facts.HeadDim;
        long keyValue = (long)facts.KvHeads * facts.HeadDim;
        List<WeightSpec> specs = [new("input_layernorm.weight", [hidden])];
        Projection("self_attn.q_proj", query, hidden, architecture.QkvBias);
        Projection("self_attn.k_proj", keyValue, hidden, architecture.QkvBias);
        Projection("self_attn.v_proj", keyValue, hidden, architecture.QkvBias);
        if (architecture.QkNorm)
        {
            specs.Add(new("self_attn.q_norm.weight", [facts.HeadDim]));
            specs.Add(new("self_attn.k_norm.weight", [facts.HeadDim]));
        }

        Projection("self_attn.o_proj", hidden, query, architecture.AttentionOutBias);
        specs.Add(new("post_attention_layernorm.weight", [hidden]));
        Projection("mlp.gate_proj", inner, hidden, architecture.MlpBias);
        Projection("mlp.up_proj", inner, hidden, architecture.MlpBias);
        Projection("mlp.down_proj", hidden, inner, architecture.MlpBias);
        return specs;

        void Projection(string name, long outputs, long inputs, bool bias)
        {
            specs.Add(new(name + ".weight", [outputs, inputs]));
            if (bias)
            {
                specs.Add(new(name + ".bias", [outputs]));
            }
        }
    }
}

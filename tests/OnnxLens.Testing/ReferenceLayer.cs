using OnnxLens.Export.Families;

namespace OnnxLens.Testing;

/// <summary>The weights of one block in double.</summary>
internal sealed class ReferenceLayer
{
    public ReferenceLayer(ReferenceWeights weights, Architecture architecture, int layer)
    {
        string prefix = $"model.layers.{layer}";
        InputNorm = weights.Norm($"{prefix}.input_layernorm.weight");
        Query = weights.Matrix($"{prefix}.self_attn.q_proj", architecture.QkvBias);
        Key = weights.Matrix($"{prefix}.self_attn.k_proj", architecture.QkvBias);
        Value = weights.Matrix($"{prefix}.self_attn.v_proj", architecture.QkvBias);
        Output = weights.Matrix($"{prefix}.self_attn.o_proj", architecture.AttentionOutBias);
        QueryNorm = architecture.QkNorm ? weights.Norm($"{prefix}.self_attn.q_norm.weight") : null;
        KeyNorm = architecture.QkNorm ? weights.Norm($"{prefix}.self_attn.k_norm.weight") : null;
        PostAttentionNorm = weights.Norm($"{prefix}.post_attention_layernorm.weight");
        Gate = weights.Matrix($"{prefix}.mlp.gate_proj", architecture.MlpBias);
        Up = weights.Matrix($"{prefix}.mlp.up_proj", architecture.MlpBias);
        Down = weights.Matrix($"{prefix}.mlp.down_proj", architecture.MlpBias);
        Window = architecture.Windows[layer];
    }

    public ReferenceNorm InputNorm { get; }

    public ReferenceMatrix Query { get; }

    public ReferenceMatrix Key { get; }

    public ReferenceMatrix Value { get; }

    public ReferenceMatrix Output { get; }

    public ReferenceNorm? QueryNorm { get; }

    public ReferenceNorm? KeyNorm { get; }

    public ReferenceNorm PostAttentionNorm { get; }

    public ReferenceMatrix Gate { get; }

    public ReferenceMatrix Up { get; }

    public ReferenceMatrix Down { get; }

    public int? Window { get; }

    /// <summary>down(silu(gate(x)) · up(x)).</summary>
    public double[] Mlp(double[] x)
    {
        double[] gate = Gate.Times(x);
        double[] up = Up.Times(x);
        for (int i = 0; i < gate.Length; i++)
        {
            gate[i] = gate[i] / (1 + Math.Exp(-gate[i])) * up[i];
        }

        return Down.Times(gate);
    }
}

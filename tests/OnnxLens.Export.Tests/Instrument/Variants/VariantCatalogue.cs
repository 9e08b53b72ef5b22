using OnnxLens.Onnx;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>The forms that must hold.</summary>
internal static class VariantCatalogue
{
    private static readonly Variant Llama = new("llama");
    private static readonly Variant Gqa = new("gqa") { Cache = CacheType.Shared, Positions = PositionForm.RotaryInAttention, SumInsideNorm = true, Opset = 21 };
    private static readonly Variant Gpt2 = new("gpt2")
    {
        Norm = NormForm.LayerNorm, Biases = true, Mlp = MlpForm.GeluErf, Positions = PositionForm.Table, KvHeads = 4, Head = HeadForm.TiedToEmbedding,
    };

    public static IReadOnlyList<Variant> All { get; } =
    [
        Llama,
        Llama with { Name = "llama-opset13", Opset = 13 },
        Llama with { Name = "llama-opset14-external", Opset = 14, External = true },
        Llama with { Name = "llama-opset15", Opset = 15, ShapesFromQueries = true },
        Llama with { Name = "llama-opset17", Opset = 17, MaskFromCache = true },
        Llama with { Name = "llama-opset20", Opset = 20, Layers = 3 },
        Llama with { Name = "llama-opset22", Opset = 22, KeysFirst = true },
        Llama with { Name = "llama-config", Config = true, DeclaredCache = false, HeadsInferred = true },
        Llama with { Name = "heads-inferred", HeadsInferred = true },
        Llama with { Name = "constants-as-nodes", ConstantNodes = true, Layers = 3 },
        Llama with { Name = "written-pow", Norm = NormForm.WrittenPow },
        Llama with { Name = "written-square", Norm = NormForm.WrittenSquare, Opset = 14 },
        Llama with { Name = "written-reciprocal", Norm = NormForm.WrittenReciprocal },
        Llama with { Name = "written-casts", Norm = NormForm.WrittenCasts, CastsOnTheStream = true },
        Llama with { Name = "one-plus-gain", Norm = NormForm.OnePlusGain },
        Llama with { Name = "rms-23", Norm = NormForm.Rms, Opset = 23, Cache = CacheType.Standard23, Positions = PositionForm.RotaryStandard },
        Llama with { Name = "rms-24", Norm = NormForm.Rms, Opset = 24, Cache = CacheType.Standard24, TakesMask = false, Positions = PositionForm.RotaryStandard },
        Llama with { Name = "scattered", Norm = NormForm.Rms, Opset = 24, Cache = CacheType.Scattered, TakesMask = false, Positions = PositionForm.RotaryStandard },
        Llama with { Name = "residual-second", ResidualSecond = true, Norm = NormForm.WrittenPow },
        Llama with { Name = "concat-from-end", Cache = CacheType.ConcatFromEnd },
        Llama with { Name = "no-cache", Cache = CacheType.None, TakesMask = false, PositionsFrom = PositionSource.Lengths },
        Llama with { Name = "no-cache-mask", Cache = CacheType.None, PositionsFrom = PositionSource.MaskSums },
        Llama with { Name = "positions-of-mask", PositionsFrom = PositionSource.MaskSums },
        Llama with { Name = "positions-of-lengths", PositionsFrom = PositionSource.Lengths, MaskFromCache = true },
        Llama with { Name = "no-mask", TakesMask = false },
        Llama with { Name = "mask-int32", MaskType = ElementType.Int32, IdsType = ElementType.Int32, PositionType = ElementType.Int32 },
        Llama with { Name = "mask-bool", MaskType = ElementType.Bool },
        Llama with { Name = "mask-float", MaskType = ElementType.Float },
        Llama with { Name = "no-positions", Positions = PositionForm.None },
        Llama with { Name = "window", Window = 4 },
        Llama with { Name = "head-norms-written", HeadNorms = true, Norm = NormForm.WrittenPow },
        Llama with { Name = "gated-attention", GatedAttention = true, HeadNorms = true },
        Llama with { Name = "extra-outputs", ExtraOutputs = true },
        Llama with { Name = "shapes-from-queries", ShapesFromQueries = true, Layers = 3 },
        Gqa,
        Gqa with { Name = "gqa-residual-second", ResidualSecond = true, LastSumUnnamed = false },
        Gqa with { Name = "gqa-packed", PackedQkv = true, Layers = 3 },
        Gqa with { Name = "gqa-ports", Cache = CacheType.SharedPorts, TakesMask = false },
        Gqa with { Name = "gqa-ports-adds", Cache = CacheType.SharedPorts, TakesMask = false, SumInsideNorm = false },
        Gqa with { Name = "gqa-window", Window = 4, Config = true },
        Gqa with { Name = "gqa-rotary-outside", Positions = PositionForm.RotaryMicrosoft, HeadNorms = true },
        Gqa with { Name = "gqa-fused-bias", Biases = true, FusedBias = true },
        Gqa with { Name = "gqa-mask-int32-ids", IdsType = ElementType.Int32, KeysFirst = true, DeclaredCache = false },
        Gqa with { Name = "gqa-narrow-heads", Positions = PositionForm.RotaryMicrosoft, HeadDim = 8 },
        Llama with { Name = "multi-head", Cache = CacheType.MultiHead, KvHeads = 4, Positions = PositionForm.RotaryMicrosoft },
        Gpt2,
        Gpt2 with { Name = "gpt2-gemm", Gemm = true, Head = HeadForm.GemmReshaped, Layers = 3 },
        Gpt2 with { Name = "gpt2-gemm-by-ids", Gemm = true, Head = HeadForm.GemmReshapedByIds },
        Gpt2 with { Name = "gpt2-written", Norm = NormForm.LayerNormWritten, Mlp = MlpForm.Gelu },
        Gpt2 with { Name = "gpt2-skip", SumInsideNorm = true, Mlp = MlpForm.Gelu },
        Gpt2 with { Name = "gpt2-skip-bias", SumInsideNorm = true, FusedBias = true, ResidualSecond = true },
        Gpt2 with { Name = "gpt2-multi-head", Cache = CacheType.MultiHead, SumInsideNorm = true, FusedBias = true },
        Gpt2 with { Name = "opt", Positions = PositionForm.TableWithOffset, PositionsFrom = PositionSource.MaskSums, Mlp = MlpForm.Relu },
        Gpt2 with { Name = "gpt2-lengths", PositionsFrom = PositionSource.Lengths, TakesMask = false },
        Gpt2 with { Name = "bloom", Positions = PositionForm.Alibi, EmbeddingNorm = true },
        Llama with { Name = "olmo2", Placement = Placement.After, HeadNorms = true },
        Llama with { Name = "olmo2-written", Placement = Placement.After, Norm = NormForm.WrittenPow, ResidualSecond = true, Layers = 3 },
        Llama with { Name = "gemma2", Placement = Placement.Both, Norm = NormForm.OnePlusGain, EmbeddingScale = 5.65f, Head = HeadForm.SoftCap, ScoreCap = 5, Window = 4 },
        Llama with { Name = "gemma3", Placement = Placement.Both, HeadNorms = true, EmbeddingScale = 5.65f, Head = HeadForm.TiedToEmbedding },
        Gqa with { Name = "gemma-gqa", Placement = Placement.Both, EmbeddingScale = 5.65f, Head = HeadForm.EmbeddingTiedToIt },
        Llama with { Name = "granite", EmbeddingScale = 3, ContributionScale = 0.22f, Head = HeadForm.Divided },
        Gqa with { Name = "granite-gqa", EmbeddingScale = 3, ContributionScale = 0.22f, Head = HeadForm.Divided },
        Llama with { Name = "minicpm", EmbeddingScale = 3, ContributionScale = 0.3f, Head = HeadForm.RowsScaled },
        Llama with { Name = "minicpm-first", ContributionScale = 0.3f, Head = HeadForm.RowsScaledFirst, Norm = NormForm.WrittenSquare },
        Llama with { Name = "cohere-like", Norm = NormForm.LayerNormNoBias, Head = HeadForm.Multiplied },
        Llama with { Name = "head-bias", Head = HeadForm.Bias },
        Llama with { Name = "head-tied", Head = HeadForm.TiedToEmbedding },
        Llama with { Name = "embedding-tied", Head = HeadForm.EmbeddingTiedToIt },
        Llama with { Name = "only-last", OnlyLastLogits = true },
        Gqa with { Name = "only-last-gqa", OnlyLastLogits = true },
        Llama with { Name = "mlp-packed", Mlp = MlpForm.PackedSwiGlu, PackedQkv = true },
        Llama with { Name = "experts-operator", Mlp = MlpForm.Experts },
        Llama with { Name = "experts-dense", Mlp = MlpForm.ExpertsDense },
        Llama with { Name = "experts-stacked", Mlp = MlpForm.ExpertsStacked },
        Llama with { Name = "experts-gathered", Mlp = MlpForm.ExpertsGathered },
        Llama with { Name = "experts-sparse", Mlp = MlpForm.ExpertsSparse, Norm = NormForm.WrittenPow },
    ];

    public static Variant Named(string name) => All.Single(form => form.Name == name);
}

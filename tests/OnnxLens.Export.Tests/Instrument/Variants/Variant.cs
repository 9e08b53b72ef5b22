using OnnxLens.Onnx;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>A form in which a decoder may be exported. The default is a plain Llama with positions, mask and a growing cache, all written out.</summary>
internal sealed record Variant(string Name)
{
    public int Seed { get; init; } = 1;
    public int Opset { get; init; } = 18;
    public int Layers { get; init; } = 2;
    public int Hidden { get; init; } = 32;
    public int Vocabulary { get; init; } = 64;
    public int Heads { get; init; } = 4;
    public int KvHeads { get; init; } = 2;
    public int HeadDim { get; init; } = 16;
    public int Inner { get; init; } = 48;

    public NormForm Norm { get; init; } = NormForm.Simplified;
    public Placement Placement { get; init; } = Placement.Before;
    public bool ResidualSecond { get; init; }
    public bool SumInsideNorm { get; init; }
    public bool FusedBias { get; init; }
    public bool LastSumUnnamed { get; init; } = true;
    public bool CastsOnTheStream { get; init; }

    public float? EmbeddingScale { get; init; }
    public float? ContributionScale { get; init; }
    public bool EmbeddingNorm { get; init; }

    public HeadForm Head { get; init; } = HeadForm.Plain;
    public bool OnlyLastLogits { get; init; }
    public bool OnlyLastRows { get; init; }

    public bool Biases { get; init; }
    public bool Gemm { get; init; }
    public bool Einsum { get; init; }
    public bool HeadNorms { get; init; }
    public bool GatedAttention { get; init; }
    public float? ScoreCap { get; init; }
    public bool PackedQkv { get; init; }
    public int? Window { get; init; }
    public bool WindowInOddLayers { get; init; }
    public bool DenseFirst { get; init; }
    public MlpForm Mlp { get; init; } = MlpForm.SwiGlu;
    public PositionForm Positions { get; init; } = PositionForm.RotaryWritten;
    public PositionSource PositionsFrom { get; init; } = PositionSource.Input;
    public CacheType Cache { get; init; } = CacheType.Concat;
    public bool ShapesFromQueries { get; init; }
    public bool HeadsInferred { get; init; }
    public bool MaskFromCache { get; init; }

    public bool TakesMask { get; init; } = true;
    public ElementType MaskType { get; init; } = ElementType.Int64;
    public ElementType IdsType { get; init; } = ElementType.Int64;
    public ElementType PositionType { get; init; } = ElementType.Int64;
    public bool KeysFirst { get; init; }
    public bool ExtraOutputs { get; init; }
    public bool ProjectionOutputs { get; init; }
    public bool External { get; init; }
    public bool ShuffledNodes { get; init; }
    public bool WeightsAreInputs { get; init; }
    public bool ConstantNodes { get; init; }
    public bool DeclaredCache { get; init; } = true;
    public bool Config { get; init; }

    /// <summary>Arrangements that are no block of ours, for refusals.</summary>
    public Arrangement Arrangement { get; init; }
    public bool SeesAll { get; init; }


    public override string ToString() => Name;
}

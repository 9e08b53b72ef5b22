using OnnxLens.Onnx;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Attention;

/// <summary>The operator of <see cref="CachedAttention"/>. Its inputs and outputs are those of <c>GroupQueryAttention</c>, as many as it knows.</summary>
internal static class AttentionOperator
{
    /// <summary>Its type.</summary>
    public const string TypeName = "CachedAttention";

    /// <summary>Attribute: heads of queries.</summary>
    public const string HeadsName = "num_heads";

    /// <summary>Attribute: heads of keys and values.</summary>
    public const string KvHeadsName = "kv_num_heads";

    /// <summary>Attribute: what scores are multiplied by; 0 is 1/√D.</summary>
    public const string ScaleName = "scale";

    /// <summary>Attribute: where scores are capped; 0 is nowhere.</summary>
    public const string SoftcapName = "softcap";

    /// <summary>Attribute: positions that a query sees; 0 is all.</summary>
    public const string WindowName = "window";

    /// <summary>Attribute: 1 where queries and keys are rotated.</summary>
    public const string RotatesName = "rotates";

    /// <summary>Attribute: 1 where queries, keys and values are one input.</summary>
    public const string PackedName = "packed";

    /// <summary>Attribute: 1 where a bias is added to the scores.</summary>
    public const string BiasName = "bias";

    /// <summary>Attribute: threads of the session.</summary>
    public const string ThreadsName = "threads";

    /// <summary>Input: fp32 [B,S,N·D], or packed [B,S,(N+2·KV)·D].</summary>
    public const int Query = 0;

    /// <summary>Input: fp32 [B,S,KV·D].</summary>
    public const int Key = 1;

    /// <summary>Input: fp32 [B,S,KV·D].</summary>
    public const int Value = 2;

    /// <summary>Input: fp32 [B,KV,P,D].</summary>
    public const int PastKey = 3;

    /// <summary>Input: fp32 [B,KV,P,D].</summary>
    public const int PastValue = 4;

    /// <summary>Input: int32 [B] or [B,1], positions of each row after this run, less one.</summary>
    public const int LastPositions = 5;

    /// <summary>Input: int32 [1], the most positions of a row after this run.</summary>
    public const int TotalLength = 6;

    /// <summary>Input: fp32 [positions,R/2].</summary>
    public const int Cos = 7;

    /// <summary>Input: fp32 [positions,R/2].</summary>
    public const int Sin = 8;

    /// <summary>Input: fp32 [B or 1,N or 1,S,total].</summary>
    public const int Bias = 10;

    /// <summary>Inputs that there are at most.</summary>
    public const int Inputs = Bias + 1;

    /// <summary>Outputs: fp32 [B,S,N·D]; keys and values, fp32 [B,KV,C,D].</summary>
    public const int Outputs = 3;

    /// <summary>What ONNX Runtime is told of it.</summary>
    public static KernelType Type { get; } = new(
        TypeName,
        [.. Enumerable.Range(0, Inputs).Select(InputPort)],
        [.. Enumerable.Repeat(new KernelPort(ElementType.Float), Outputs)],
        info => new CachedAttention(
            new AttentionForm(
                info.Integer(HeadsName),
                info.Integer(KvHeadsName),
                info.Single(ScaleName),
                info.Single(SoftcapName),
                info.Integer(WindowName),
                info.Flag(RotatesName),
                info.Flag(PackedName),
                info.Flag(BiasName)),
            info.Integer(ThreadsName)));

    private static KernelPort InputPort(int index) => index switch
    {
        Query or PastKey or PastValue => new KernelPort(ElementType.Float),
        LastPositions or TotalLength => new KernelPort(ElementType.Int32),
        _ => new KernelPort(ElementType.Float, IsOptional: true),
    };
}

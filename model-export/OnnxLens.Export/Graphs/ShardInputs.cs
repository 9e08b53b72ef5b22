using OnnxLens.Export.Families;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Graphs;

/// <summary>The inputs of a shard that every layer reads.</summary>
/// <param name="SeqLensK">int32 [B]: total length − 1.</param>
/// <param name="TotalSequenceLength">int32 scalar.</param>
/// <param name="PositionIds">int64 [B,S] where rotation is done outside the attention; else null.</param>
/// <param name="Cos">T [max length, D/2].</param>
/// <param name="Sin">T [max length, D/2].</param>
internal sealed record ShardInputs(Value SeqLensK, Value TotalSequenceLength, Value? PositionIds, Value Cos, Value Sin)
{
    public const string SeqLensKName = "seqlens_k";
    public const string TotalSequenceLengthName = "total_sequence_length";
    public const string PositionIdsName = "position_ids";

    public static ShardInputs Emit(GraphContext context, RopeTableRefs rope)
    {
        GraphBuilder graph = context.Graph;
        int headDim = context.Architecture.Facts.HeadDim;
        Value seqLens = graph.Input(SeqLensKName, ElementType.Int32, new TensorShape(Dimensions.Batch));
        Value total = graph.Input(TotalSequenceLengthName, ElementType.Int32, TensorShape.Scalar);
        Value? positions = ProviderCapabilities.AttentionRotates(headDim)
            ? null
            : graph.Input(PositionIdsName, ElementType.Int64, new TensorShape(Dimensions.Batch, Dimensions.Sequence));
        TensorShape table = TensorShape.Of(context.Architecture.Facts.MaxLength, headDim / 2);
        Value cos = graph.Weight("rope.cos", context.Compute, table, new ExternalData(rope.File, rope.CosOffset, rope.Bytes));
        Value sin = graph.Weight("rope.sin", context.Compute, table, new ExternalData(rope.File, rope.SinOffset, rope.Bytes));
        return new ShardInputs(seqLens, total, positions, cos, sin);
    }
}

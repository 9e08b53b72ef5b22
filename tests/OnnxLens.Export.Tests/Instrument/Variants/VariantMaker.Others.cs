using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <content>Blocks that must be refused.</content>
internal sealed partial class VariantMaker
{
    private string? _encoded;

    private string OtherBlock(int layer)
    {
        switch (_form.Arrangement)
        {
            case Arrangement.ParallelOneSum:
                string normed = Norm(_stream, _form.Hidden);
                return _g.Op("Add", [_stream, _g.Op("Add", [Attention(layer, normed).Value, Mlp(normed).Value])]);
            case Arrangement.ParallelTwoSums:
                string shared = Norm(_stream, _form.Hidden);
                return _g.Op("Add", [_g.Op("Add", [_stream, Attention(layer, shared).Value]), Mlp(shared).Value]);
            case Arrangement.NormedStream:
                string middle = Norm(_g.Op("Add", [_stream, Attention(layer, _stream).Value]), _form.Hidden);
                return Norm(_g.Op("Add", [middle, Mlp(middle).Value]), _form.Hidden);
            default:
                string mixed = _g.Op("Add", [_stream, Recurrent(layer, Norm(_stream, _form.Hidden))]);
                return _g.Op("Add", [mixed, Mlp(Norm(mixed, _form.Hidden)).Value]);
        }
    }

    /// <summary>A convolution over the last positions, which are kept as a state.</summary>
    private string Recurrent(int layer, string input)
    {
        string state = _g.Input($"state_{layer}", ElementType.Float, "batch", _form.Hidden, 2);
        string rows = _g.Transpose(_g.Op("MatMul", [input, _g.Weight(_form.Hidden, _form.Hidden)]), 0, 2, 1);
        string all = _g.Op("Concat", [state, rows], Attributes.Int("axis", 2));
        string kept = _g.Op("Slice", [all, _g.Ints(-2), _g.Ints(long.MaxValue), _g.Ints(2)]);
        _g.Output(kept, ElementType.Float, "batch", _form.Hidden, 2);
        string mixed = _g.Op("Conv", [all, _g.Weight(_form.Hidden, 1, 3)], Attributes.Int("group", _form.Hidden));
        return _g.Op("MatMul", [_g.Transpose(mixed, 0, 2, 1), _g.Weight(_form.Hidden, _form.Hidden)]);
    }

    /// <summary>Attention on what an encoder gives.</summary>
    private string CrossAttention(string input)
    {
        _encoded ??= _g.Input("encoded", ElementType.Float, "batch", "source_length", _form.Hidden);
        int wide = _form.Heads * _form.HeadDim;
        string queries = Heads(Linear(input, _form.Hidden, wide).Value, _form.Heads);
        string keys = Heads(Linear(_encoded, _form.Hidden, wide).Value, _form.Heads);
        string values = Heads(Linear(_encoded, _form.Hidden, wide).Value, _form.Heads);
        string weights = _g.Op("Softmax", [_g.Op("MatMul", [queries, _g.Transpose(keys, 0, 1, 3, 2)])], Attributes.Int("axis", -1));
        string rows = _g.Reshape(_g.Transpose(_g.Op("MatMul", [weights, values]), 0, 2, 1, 3), 0, 0, wide);
        return Linear(rows, wide, _form.Hidden).Value;
    }
}

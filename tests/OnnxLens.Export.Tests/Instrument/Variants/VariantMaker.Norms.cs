using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <content>Norms.</content>
internal sealed partial class VariantMaker
{
    private const int AxesAreInput = 18;
    private const float Epsilon = 1e-5f;

    private string Norm(string value, int size)
    {
        switch (_form.Norm)
        {
            case NormForm.Simplified:
                return _g.Op("SimplifiedLayerNormalization", [value, _g.Gain(size)], Attributes.Int("axis", -1), Attributes.Float("epsilon", Epsilon), Attributes.Int("stash_type", 1));
            case NormForm.Rms:
                return _g.Op("RMSNormalization", [value, _g.Gain(size)], Attributes.Int("axis", -1), Attributes.Float("epsilon", Epsilon));
            case NormForm.WrittenPow:
                return _g.Op("Mul", [_g.Gain(size), _g.Op("Div", [value, Root(_g.Op("Pow", [value, _g.Number(2)]))])]);
            case NormForm.WrittenSquare:
                return _g.Op("Mul", [_g.Op("Div", [value, Root(_g.Op("Mul", [value, value]))]), _g.Gain(size)]);
            case NormForm.WrittenReciprocal:
                return _g.Op("Mul", [_g.Gain(size), _g.Op("Mul", [_g.Op("Reciprocal", [Root(_g.Op("Pow", [value, _g.Number(2)]))]), value])]);
            case NormForm.WrittenCasts:
                string wide = _g.Cast(value, ElementType.Float);
                string narrow = _g.Cast(_g.Op("Mul", [wide, _g.Op("Div", [_g.Number(1), Root(_g.Op("Pow", [wide, _g.Number(2)]))])]), ElementType.Float);
                return _g.Op("Mul", [_g.Gain(size), narrow]);
            case NormForm.WrittenPower:
                string power = _g.Op("Pow", [_g.Op("Add", [_g.Number(Epsilon), Mean(_g.Op("Mul", [value, value]))]), _g.Number(-0.5f)]);
                return _g.Op("Mul", [_g.Gain(size), _g.Op("Mul", [value, power])]);
            case NormForm.WrittenLength:
                string length = _g.Op("Mul", [_g.Op("ReduceL2", [value, _g.Ints(-1)], Attributes.Int("keepdims", 1)), _g.Number((float)(1 / Math.Sqrt(size)))]);
                return _g.Op("Mul", [_g.Op("Div", [value, length]), _g.Gain(size)]);
            case NormForm.WrittenSum:
                string sum = _g.Op("ReduceSum", [_g.Op("Pow", [value, _g.Number(2)]), _g.Ints(-1)], Attributes.Int("keepdims", 1));
                return _g.Op("Mul", [_g.Gain(size), _g.Op("Div", [value, _g.Op("Sqrt", [_g.Op("Div", [sum, _g.Number(size)])])])]);
            case NormForm.OnePlusGain:
                string gain = _g.Op("Add", [_g.Weight(size), _g.Number(1)]);
                return _g.Op("Mul", [_g.Op("Mul", [value, _g.Op("Reciprocal", [Root(_g.Op("Pow", [value, _g.Number(2)]))])]), gain]);
            case NormForm.LayerNorm:
                return _g.Op("LayerNormalization", [value, _g.Gain(size), _g.Weight(size)], Attributes.Int("axis", -1), Attributes.Float("epsilon", Epsilon));
            case NormForm.LayerNormNoBias:
                return _g.Op("LayerNormalization", [value, _g.Gain(size)], Attributes.Int("axis", -1), Attributes.Float("epsilon", Epsilon));
            case NormForm.LayerNormWritten:
                string centred = _g.Op("Sub", [value, Mean(value)]);
                string scaled = _g.Op("Div", [centred, Root(_g.Op("Pow", [centred, _g.Number(2)]))]);
                return _g.Op("Add", [_g.Op("Mul", [scaled, _g.Gain(size)]), _g.Weight(size)]);
            default:
                throw new ArgumentOutOfRangeException(nameof(value), _form.Norm, "Unknown norm.");
        }
    }

    private string Root(string squares) => _g.Op("Sqrt", [_g.Op("Add", [Mean(squares), _g.Number(Epsilon)])]);

    private string Mean(string value) => _g.Opset >= AxesAreInput
        ? _g.Op("ReduceMean", [value, _g.Ints(-1)], Attributes.Int("keepdims", 1))
        : _g.Op("ReduceMean", [value], Attributes.Ints("axes", -1), Attributes.Int("keepdims", 1));
}

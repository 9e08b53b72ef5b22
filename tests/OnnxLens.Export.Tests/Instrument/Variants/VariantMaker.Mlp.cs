using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <content>MLPs and sets of experts.</content>
internal sealed partial class VariantMaker
{
    private const int Experts = 4;
    private const int Chosen = 2;

    private (string Value, string Bias) Mlp(string input)
    {
        (int hidden, int inner) = (_form.Hidden, _form.Inner);
        switch (_form.DenseFirst && _layer == 0 ? MlpForm.SwiGlu : _form.Mlp)
        {
            case MlpForm.SwiGlu:
                return Linear(Gated(Linear(input, hidden, inner).Value, Linear(input, hidden, inner).Value), inner, hidden, mayFuse: true);
            case MlpForm.PackedSwiGlu:
                string[] halves = _g.Ops("Split", 2, [Linear(input, hidden, 2 * inner).Value, _g.Ints(inner, inner)], Attributes.Int("axis", -1));
                return Linear(Gated(halves[0], halves[1]), inner, hidden, mayFuse: true);
            case MlpForm.Gelu:
                return Linear(_g.Op("com.microsoft:Gelu", [Linear(input, hidden, inner).Value]), inner, hidden, mayFuse: true);
            case MlpForm.GeluErf:
                string up = Linear(input, hidden, inner).Value;
                string erf = _g.Op("Add", [_g.Op("Erf", [_g.Op("Div", [up, _g.Number(1.41421356f)])]), _g.Number(1)]);
                return Linear(_g.Op("Mul", [_g.Op("Mul", [up, erf]), _g.Number(0.5f)]), inner, hidden, mayFuse: true);
            case MlpForm.Relu:
                return Linear(_g.Op("Relu", [Linear(input, hidden, inner).Value]), inner, hidden, mayFuse: true);
            case MlpForm.Experts:
                string probabilities = _g.Reshape(_g.Op("MatMul", [input, _g.Weight(hidden, Experts)]), -1, Experts);
                return (_g.Op("com.microsoft:MoE", [input, probabilities, _g.Weight(Experts, inner, hidden), "", _g.Weight(Experts, hidden, inner)],
                    Attributes.Int("k", Chosen), Attributes.Text("activation_type", "relu"), Attributes.Int("normalize_routing_weights", 1)), "");
            case MlpForm.ExpertsDense:
                return (Dense(input), "");
            case MlpForm.ExpertsStacked:
                return (Stacked(input), "");
            case MlpForm.ExpertsGathered:
                return (Gathered(input), "");
            case MlpForm.ExpertsSparse:
                return (Sparse(input), "");
            default:
                throw new ArgumentOutOfRangeException(nameof(input), _form.Mlp, "Unknown form.");
        }
    }

    private string Gated(string gate, string up) => _g.Op("Mul", [_g.Op("Mul", [gate, _g.Op("Sigmoid", [gate])]), up]);

    /// <summary>The weights of the chosen experts and their numbers, [.., 2] each, and the weights of all, [.., 4], 0 where not chosen.</summary>
    private (string Values, string Indices, string All) Route(string input)
    {
        string probabilities = _g.Op("Softmax", [_g.Op("MatMul", [input, _g.Weight(_form.Hidden, Experts)])], Attributes.Int("axis", -1));
        string[] chosen = _g.Ops("TopK", 2, [probabilities, _g.Ints(Chosen)], Attributes.Int("axis", -1));
        string none = _g.Op("Mul", [probabilities, _g.Number(0)]);
        return (chosen[0], chosen[1], _g.Op("ScatterElements", [none, chosen[1], chosen[0]], Attributes.Int("axis", -1)));
    }

    private string Expert(string input)
    {
        string gate = _g.Op("MatMul", [input, _g.Weight(_form.Hidden, _form.Inner)]);
        string up = _g.Op("MatMul", [input, _g.Weight(_form.Hidden, _form.Inner)]);
        return _g.Op("MatMul", [Gated(gate, up), _g.Weight(_form.Inner, _form.Hidden)]);
    }

    private string WeightOf(string weights, int expert) => _g.Op("Slice", [weights, _g.Ints(expert), _g.Ints(expert + 1), _g.Ints(-1)]);

    private string Dense(string input)
    {
        string weights = Route(input).All;
        string? sum = null;
        for (int expert = 0; expert < Experts; expert++)
        {
            string one = _g.Op("Mul", [Expert(input), WeightOf(weights, expert)]);
            sum = sum is null ? one : _g.Op("Add", [sum, one]);
        }

        return sum!;
    }

    private string Stacked(string input)
    {
        string weights = Route(input).All;
        string inner = _g.Op("Relu", [_g.Op("MatMul", [_g.Unsqueeze(input, 2, 3), _g.Weight(Experts, _form.Hidden, _form.Inner)])]);
        string all = _g.Op("Squeeze", [_g.Op("MatMul", [inner, _g.Weight(Experts, _form.Inner, _form.Hidden)]), _g.Ints(3)]);
        return _g.Op("Squeeze", [_g.Op("MatMul", [_g.Unsqueeze(weights, 2), all]), _g.Ints(2)]);
    }

    private string Gathered(string input)
    {
        (string values, string indices, _) = Route(input);
        string up = _g.Op("Gather", [_g.Weight(Experts, _form.Hidden, _form.Inner), indices]);
        string inner = _g.Op("Relu", [_g.Op("MatMul", [_g.Unsqueeze(input, 2, 3), up])]);
        string down = _g.Op("MatMul", [inner, _g.Op("Gather", [_g.Weight(Experts, _form.Inner, _form.Hidden), indices])]);
        return _g.Op("ReduceSum", [_g.Op("Mul", [_g.Op("Squeeze", [down, _g.Ints(3)]), _g.Unsqueeze(values, 3)]), _g.Ints(2)], Attributes.Int("keepdims", 0));
    }

    private string Sparse(string input)
    {
        string rows = _g.Reshape(input, -1, _form.Hidden);
        string weights = Route(rows).All;
        string sum = _g.Op("Mul", [rows, _g.Number(0)]);
        for (int expert = 0; expert < Experts; expert++)
        {
            string weight = WeightOf(weights, expert);
            string found = _g.Op("NonZero", [_g.Op("Greater", [weight, _g.Number(0)])]);
            string which = _g.Op("Gather", [found, _g.Int(0)], Attributes.Int("axis", 0));
            string made = _g.Op("Mul", [Expert(_g.Op("Gather", [rows, which])), _g.Op("Gather", [weight, which])]);
            sum = _g.Op("ScatterND", [sum, _g.Unsqueeze(which, 1), made], Attributes.Text("reduction", "add"));
        }

        return _g.Op("Reshape", [sum, _g.Op("Shape", [input])]);
    }
}

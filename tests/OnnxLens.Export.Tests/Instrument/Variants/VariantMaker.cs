using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>Makes the graph of a decoder of a form: what is common to all, block by block.</summary>
internal sealed partial class VariantMaker
{
    private readonly Variant _form;
    private readonly GraphSketch _g;
    private readonly bool _observed;
    private readonly ImmutableSortedDictionary<string, string>.Builder _sites = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
    private readonly ImmutableDictionary<string, NodeProto>.Builder _joints = ImmutableDictionary.CreateBuilder<string, NodeProto>();
    private readonly string _ids;
    private string _stream = "";
    private int _layer;
    private (string Value, string Bias, HookPoint Point, HookPoint Sum)? _pending;

    private VariantMaker(Variant form, bool observed)
    {
        _form = form;
        _observed = observed;
        _g = new GraphSketch(form.Seed, form.Opset, form.ConstantNodes);
        _ids = _g.Input("tokens", form.IdsType, "batch", "length");
    }

    /// <summary>Makes it.</summary>
    /// <param name="form">The form.</param>
    /// <param name="observed">Whether every site shall be a value of the graph, also where the form has one only within a node.</param>
    public static MadeVariant Make(Variant form, bool observed = false) => new VariantMaker(form, observed).Make();

    private MadeVariant Make()
    {
        DeclareInputs();
        _stream = Embed(out string table);
        _sites[new HookPoint(Site.ResidPre, 0).ToString()] = _stream;
        for (int layer = 0; layer < _form.Layers; layer++)
        {
            Block(layer);
        }

        _stream = _form.OnlyLastRows ? _g.Op("Slice", [_stream, _g.Ints(-1), _g.Ints(long.MaxValue), _g.Ints(1)]) : _stream;
        string last = NormOfStream(isLast: true);
        string logits = HeadOf(last, table);
        Outputs(logits);
        return new MadeVariant
        {
            Form = _form,
            Model = _g.Model,
            Sites = _sites.ToImmutable(),
            Joints = _joints.ToImmutable(),
            Ids = _ids,
            Logits = logits,
            Mask = _mask,
            Positions = _positionInput,
            SeqLens = _seqLens,
            TotalLength = _totalLength,
            WriteIndices = _writeIndices,
            Cache = [.. _cache],
        };
    }

    private string Embed(out string table)
    {
        string? head = _form.Head == HeadForm.EmbeddingTiedToIt ? _g.Weight(_form.Hidden, _form.Vocabulary) : null;
        table = head is null ? _g.Tensor(Spread(_form.Vocabulary * _form.Hidden), _form.Vocabulary, _form.Hidden) : head;
        string rows = _g.Op("Gather", [head is null ? table : _g.Transpose(head, 1, 0), _ids]);
        if (_form.EmbeddingScale is float scale)
        {
            rows = _g.Op("Mul", [_g.Number(scale), rows]);
        }

        if (_form.Positions is PositionForm.Table or PositionForm.TableWithOffset)
        {
            string positions = _form.Positions == PositionForm.Table ? Positions : _g.Op("Add", [Positions, _g.Int(2)]);
            rows = _g.Op("Add", [rows, _g.Op("Gather", [_g.Tensor(Spread(66 * _form.Hidden), 66, _form.Hidden), positions])]);
        }

        return _form.EmbeddingNorm ? Norm(rows, _form.Hidden) : rows;
    }

    private void Block(int layer)
    {
        _layer = layer;
        if (_form.Arrangement is Arrangement.ParallelOneSum or Arrangement.ParallelTwoSums or Arrangement.NormedStream or Arrangement.RecurrentState)
        {
            _stream = OtherBlock(layer);
            return;
        }

        string attentionIn = _form.Placement == Placement.After ? _stream : NormOfStream();
        _sites[new HookPoint(Site.AttnIn, layer).ToString()] = attentionIn;
        (string attended, string attentionBias) = Attention(layer, attentionIn);
        Join(Contribution(attended), attentionBias, new HookPoint(Site.AttnOut, layer), new HookPoint(Site.ResidMid, layer));
        if (_form.Arrangement == Arrangement.CrossAttention)
        {
            _stream = _g.Op("Add", [_stream, CrossAttention(NormOfStream())]);
        }

        string mlpIn = _form.Placement == Placement.After ? _stream : NormOfStream();
        _sites[new HookPoint(Site.MlpIn, layer).ToString()] = mlpIn;
        (string made, string mlpBias) = Mlp(mlpIn);
        Join(Contribution(made), mlpBias, new HookPoint(Site.MlpOut, layer), new HookPoint(Site.ResidPost, layer));
    }

    /// <summary>What a sublayer adds, of what its last linear map gives.</summary>
    private string Contribution(string value)
    {
        string normed = _form.Placement == Placement.Before ? value : Norm(value, _form.Hidden);
        return _form.ContributionScale is float scale ? _g.Op("Mul", [normed, _g.Number(scale)]) : normed;
    }

    private void Join(string contribution, string bias, HookPoint point, HookPoint sum)
    {
        if (bias.Length > 0 && (_observed || !_form.SumInsideNorm))
        {
            (contribution, bias) = (_g.Op("Add", [contribution, bias]), "");
        }

        _sites[point.ToString()] = contribution;
        if (_form.SumInsideNorm)
        {
            _pending = (contribution, bias, point, sum);
            return;
        }

        string value = _g.Op("Add", _form.ResidualSecond ? [contribution, _stream] : [_stream, contribution]);
        _joints[point.ToString()] = _g.Maker(value);
        _sites[sum.ToString()] = value;
        _stream = _form.CastsOnTheStream ? _g.Cast(value, ElementType.Float) : value;
    }

    /// <summary>The norm of the residual stream, by a node that sums it as well where the form has such.</summary>
    private string NormOfStream(bool isLast = false)
    {
        if (_pending is not (string contribution, string bias, HookPoint point, HookPoint sum))
        {
            return Norm(_stream, _form.Hidden);
        }

        _pending = null;
        bool simplified = _form.Norm == NormForm.Simplified;
        string[] operands = _form.ResidualSecond ? [contribution, _stream] : [_stream, contribution];
        string[] weights = simplified ? [_g.Gain(_form.Hidden)] : [_g.Gain(_form.Hidden), _g.Weight(_form.Hidden)];
        string op = simplified ? "com.microsoft:SkipSimplifiedLayerNormalization" : "com.microsoft:SkipLayerNormalization";
        string[] outputs = _g.Ops(op, 4, bias.Length == 0 ? [.. operands, .. weights] : [.. operands, .. weights, bias], Attributes.Float("epsilon", 1e-5f));
        NodeProto node = _g.Maker(outputs[0]);
        _joints[point.ToString()] = node;
        _sites[sum.ToString()] = outputs[3];
        _stream = outputs[3];
        (node.Output[1], node.Output[2]) = ("", "");
        if (isLast && _form.LastSumUnnamed && !_observed)
        {
            while (node.Output.Count > 1)
            {
                node.Output.RemoveAt(1);
            }
        }

        return outputs[0];
    }

    private void Outputs(string logits)
    {
        if (_form.ExtraOutputs)
        {
            foreach (string value in _sites.Where(site => site.Key.StartsWith("resid_", StringComparison.Ordinal)).Select(site => site.Value).Distinct())
            {
                _g.Output(value, ElementType.Float, "batch", "length", _form.Hidden);
            }
        }

        if (_form.ProjectionOutputs)
        {
            _g.Output(_queries!);
        }

        _g.Output(logits, ElementType.Float, "batch", "new_length", _form.Vocabulary);
        foreach ((_, string present) in _form.KeysFirst ? [.. _cache.Where((_, i) => i % 2 == 0), .. _cache.Where((_, i) => i % 2 == 1)] : _cache)
        {
            _g.Output(present, _form.Arrangement == Arrangement.QuantizedCache ? ElementType.Int8 : ElementType.Float, CacheShape("total"));
        }
    }

    private string HeadOf(string rows, string table)
    {
        (int hidden, int vocabulary) = (_form.Hidden, _form.Vocabulary);
        string data = _form.OnlyLastLogits ? _g.Op("Gather", [rows, _g.Ints(-1)], Attributes.Int("axis", 1)) : rows;
        string weight = _form.Head switch
        {
            HeadForm.TiedToEmbedding => _g.Transpose(table, 1, 0),
            HeadForm.EmbeddingTiedToIt => table,
            _ => _g.Weight(hidden, vocabulary),
        };
        string Plain() => _g.Op("MatMul", [data, weight]);
        switch (_form.Head)
        {
            case HeadForm.Bias: return _g.Op("Add", [_g.Weight(vocabulary), Plain()]);
            case HeadForm.SoftCap: return _g.Op("Mul", [_g.Op("Tanh", [_g.Op("Div", [Plain(), _g.Number(3)])]), _g.Number(3)]);
            case HeadForm.Divided: return _g.Op("Div", [Plain(), _g.Number(4)]);
            case HeadForm.Multiplied: return _g.Op("Mul", [_g.Number(0.25f), Plain()]);
            case HeadForm.RowsScaled: return _g.Op("MatMul", [_g.Op("Div", [data, _g.Number(2)]), weight]);
            case HeadForm.RowsScaledFirst: return _g.Op("MatMul", [_g.Op("Mul", [_g.Number(0.5f), data]), weight]);
            case HeadForm.GemmReshaped: return GemmOf(data, hidden, vocabulary, weight, _g.Weight(vocabulary), data);
            case HeadForm.GemmReshapedByIds: return GemmOf(data, hidden, vocabulary, weight, _g.Weight(vocabulary), _ids);
            default: return Plain();
        }
    }

    /// <summary>A linear map of two axes, its result put back by sizes that are read off a value.</summary>
    private string GemmOf(string value, int input, int output, string weight, string bias, string shaped)
    {
        string flat = _g.Op("Gemm", [_g.Reshape(value, -1, input), weight, bias]);
        string shape = _g.Op("Concat", [_g.Op("Slice", [_g.Op("Shape", [shaped]), _g.Ints(0), _g.Ints(2)]), _g.Ints(output)], Attributes.Int("axis", 0));
        return _g.Op("Reshape", [flat, shape]);
    }

    /// <summary>A linear map, and its bias apart where the caller may fuse it with what follows.</summary>
    private (string Value, string Bias) Linear(string value, int input, int output, bool mayFuse = false)
    {
        string weight = _g.Weight(input, output);
        string bias = _form.Biases ? _g.Weight(output) : "";
        if (_form.Gemm)
        {
            return (GemmOf(value, input, output, weight, bias.Length > 0 ? bias : _g.Weight(output), value), "");
        }

        string product = _form.Einsum ? _g.Op("Einsum", [value, weight], Attributes.Text("equation", "bsh,hd->bsd")) : _g.Op("MatMul", [value, weight]);
        return bias.Length == 0 ? (product, "")
            : mayFuse && _form.FusedBias ? (product, bias)
            : (_g.Op("Add", [bias, product]), "");
    }

    private float[] Spread(int count)
    {
        var random = new Random(_form.Seed + count);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }
}

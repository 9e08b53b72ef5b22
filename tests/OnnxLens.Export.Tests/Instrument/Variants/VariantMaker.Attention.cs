using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <content>Attention, as one operator or written out.</content>
internal sealed partial class VariantMaker
{
    private (string Value, string Bias) Attention(int layer, string input)
    {
        int wide = _form.Heads * _form.HeadDim;
        int narrow = _form.KvHeads * _form.HeadDim;
        (string query, string key, string value) = Projections(input, wide, narrow);
        if (_form.HeadNorms)
        {
            query = NormHeads(query, _form.Heads);
            key = NormHeads(key, _form.KvHeads);
        }

        if (_form.Positions is PositionForm.RotaryMicrosoft or PositionForm.RotaryStandard)
        {
            query = Rotate(query, _form.Heads);
            key = Rotate(key, _form.KvHeads);
        }

        _queries ??= query;
        string attended = _form.Cache switch
        {
            CacheType.Shared or CacheType.SharedPorts => Shared(layer, query, key, value),
            CacheType.MultiHead => MultiHead(layer, query, key, value),
            CacheType.Standard23 or CacheType.Standard24 => Standard(layer, query, key, value),
            CacheType.Scattered => Scattered(layer, query, key, value),
            _ => WrittenOut(layer, query, key, value),
        };
        if (_form.GatedAttention)
        {
            attended = _g.Op("Mul", [attended, _g.Op("Sigmoid", [Linear(input, _form.Hidden, wide).Value])]);
        }

        return Linear(attended, wide, _form.Hidden, mayFuse: true);
    }

    private (string Query, string Key, string Value) Projections(string input, int wide, int narrow)
    {
        if (!_form.PackedQkv)
        {
            return (Linear(input, _form.Hidden, wide).Value, Linear(input, _form.Hidden, narrow).Value, Linear(input, _form.Hidden, narrow).Value);
        }

        string all = Linear(input, _form.Hidden, wide + (2 * narrow)).Value;
        if (_form.Cache is CacheType.Shared or CacheType.SharedPorts)
        {
            return (all, "", "");
        }

        string[] parts = _g.Ops("Split", 3, [all, _g.Ints(wide, narrow, narrow)], Attributes.Int("axis", 2));
        return (parts[0], parts[1], parts[2]);
    }

    private string NormHeads(string value, int heads) =>
        _g.Reshape(Norm(_g.Reshape(value, 0, 0, heads, _form.HeadDim), _form.HeadDim), 0, 0, heads * _form.HeadDim);

    private string Rotate(string value, int heads)
    {
        (string cosines, string sines) = Tables();
        return _form.Positions == PositionForm.RotaryMicrosoft
            ? _g.Op("com.microsoft:RotaryEmbedding", [value, Positions, cosines, sines], Attributes.Int("num_heads", heads))
            : _g.Op("RotaryEmbedding", [value, cosines, sines, Positions], Attributes.Int("num_heads", heads));
    }

    private string Shared(int layer, string query, string key, string value)
    {
        if (_form.Cache == CacheType.Shared && _seqLens is null)
        {
            string sums = _g.Op("ReduceSum", [_mask!, _g.Ints(1)], Attributes.Int("keepdims", 0));
            _seqLens = _g.Cast(_g.Op("Sub", [sums, _g.Int(1)]), ElementType.Int32);
            _totalLength = _g.Cast(_g.Size(_mask!, 1), ElementType.Int32);
        }

        string[] rotary = [];
        if (_form.Positions == PositionForm.RotaryInAttention)
        {
            (string cosines, string sines) = Tables();
            rotary = [cosines, sines];
        }

        string[] outputs = _g.Ops("com.microsoft:GroupQueryAttention", 3, [query, key, value, _past[2 * layer], _past[(2 * layer) + 1], _seqLens!, _totalLength!, .. rotary],
            Attributes.Int("num_heads", _form.Heads), Attributes.Int("kv_num_heads", _form.KvHeads), Attributes.Int("do_rotary", rotary.Length / 2),
            Attributes.Int("local_window_size", _form.Window ?? -1), Attributes.Float("scale", Scale));
        return Keep(layer, outputs);
    }

    private float Scale => (float)(1 / Math.Sqrt(_form.HeadDim));

    private string MultiHead(int layer, string query, string key, string value) =>
        Keep(layer, _g.Ops("com.microsoft:MultiHeadAttention", 3, [query, key, value, "", "", AttentionBias, _past[2 * layer], _past[(2 * layer) + 1]],
            Attributes.Int("num_heads", _form.Heads), Attributes.Float("scale", Scale)));

    private string Standard(int layer, string query, string key, string value)
    {
        bool causal = _form.Cache == CacheType.Standard24 && _mask is null;
        return Keep(layer, _g.Ops("Attention", 3, [query, key, value, causal ? "" : AttentionBias, _past[2 * layer], _past[(2 * layer) + 1]],
            Attributes.Int("q_num_heads", _form.Heads), Attributes.Int("kv_num_heads", _form.KvHeads), Attributes.Int("is_causal", causal ? 1 : 0), Attributes.Float("scale", Scale)));
    }

    private string Scattered(int layer, string query, string key, string value)
    {
        string keys = _g.Op("TensorScatter", [_past[2 * layer], key, _writeIndices!], Attributes.Int("axis", 1));
        string values = _g.Op("TensorScatter", [_past[(2 * layer) + 1], value, _writeIndices!], Attributes.Int("axis", 1));
        string attended = _g.Op("Attention", [query, keys, values, AttentionBias],
            Attributes.Int("q_num_heads", _form.Heads), Attributes.Int("kv_num_heads", _form.KvHeads), Attributes.Float("scale", Scale));
        return Keep(layer, [attended, keys, values]);
    }

    private string Keep(int layer, string[] outputs)
    {
        _cache.Add((_past[2 * layer], outputs[1]));
        _cache.Add((_past[(2 * layer) + 1], outputs[2]));
        return outputs[0];
    }

    private string WrittenOut(int layer, string query, string key, string value)
    {
        string queries = Heads(query, _form.Heads);
        string keys = Heads(key, _form.KvHeads);
        string values = Heads(value, _form.KvHeads);
        if (_form.Positions == PositionForm.RotaryWritten)
        {
            queries = RotateHalves(queries);
            keys = RotateHalves(keys);
        }

        if (_form.Cache != CacheType.None)
        {
            int axis = _form.Cache == CacheType.ConcatFromEnd ? -2 : 2;
            bool narrow = _form.Arrangement == Arrangement.QuantizedCache;
            keys = _g.Op("Concat", [_past[2 * layer], narrow ? _g.Cast(keys, ElementType.Int8) : keys], Attributes.Int("axis", axis));
            values = _g.Op("Concat", [_past[(2 * layer) + 1], narrow ? _g.Cast(values, ElementType.Int8) : values], Attributes.Int("axis", axis));
            Keep(layer, ["", keys, values]);
            (keys, values) = narrow ? (_g.Cast(keys, ElementType.Float), _g.Cast(values, ElementType.Float)) : (keys, values);
        }

        string scores = _g.Op("MatMul", [_g.Op("Mul", [queries, _g.Number(Scale)]), _g.Transpose(Repeat(keys), 0, 1, 3, 2)]);
        if (_form.ScoreCap is float cap)
        {
            scores = _g.Op("Mul", [_g.Op("Tanh", [_g.Op("Div", [scores, _g.Number(cap)])]), _g.Number(cap)]);
        }

        string weights = _g.Op("Softmax", [_g.Op("Add", [scores, AttentionBias])], Attributes.Int("axis", -1));
        return _g.Reshape(_g.Transpose(_g.Op("MatMul", [weights, Repeat(values)]), 0, 2, 1, 3), 0, 0, _form.Heads * _form.HeadDim);
    }

    private string Heads(string value, int heads) => _g.Transpose(_g.Reshape(value, 0, 0, _form.HeadsInferred ? -1 : heads, _form.HeadDim), 0, 2, 1, 3);

    private string RotateHalves(string value)
    {
        (string cosines, string sines) = Angles();
        int half = _form.HeadDim / 2;
        string first = _g.Op("Slice", [value, _g.Ints(0), _g.Ints(half), _g.Ints(3)]);
        string second = _g.Op("Slice", [value, _g.Ints(half), _g.Ints(long.MaxValue), _g.Ints(3)]);
        string turned = _g.Op("Concat", [_g.Op("Neg", [second]), first], Attributes.Int("axis", -1));
        return _g.Op("Add", [_g.Op("Mul", [value, cosines]), _g.Op("Mul", [turned, sines])]);
    }

    /// <summary>Gives every query head its keys.</summary>
    private string Repeat(string value)
    {
        int times = _form.Heads / _form.KvHeads;
        return times == 1 ? value : _g.Reshape(_g.Op("Expand", [_g.Unsqueeze(value, 2), _g.Ints(1, 1, times, 1, 1)]), 0, _form.Heads, -1, _form.HeadDim);
    }
}

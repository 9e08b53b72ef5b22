using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <content>What is fed beside the tokens, and what is made of it once for all layers.</content>
internal sealed partial class VariantMaker
{
    private const int Longest = 64;

    private readonly List<(string Past, string Present)> _cache = [];
    private readonly List<string> _past = [];
    private string? _mask;
    private string? _positionInput;
    private string? _seqLens;
    private string? _totalLength;
    private string? _writeIndices;
    private string? _positions;
    private string? _attentionBias;
    private string? _windowedBias;
    private string? _cosines;
    private string? _sines;
    private string? _queries;

    private bool HasPositionInput => _form.PositionsFrom == PositionSource.Input && _form.Positions is not (PositionForm.None or PositionForm.RotaryInAttention or PositionForm.Alibi);

    private void DeclareInputs()
    {
        if (_form.TakesMask)
        {
            _mask = _g.Input("mask", _form.MaskType, "batch", "total");
        }

        if (HasPositionInput || _form.Cache == CacheType.Scattered)
        {
            _positionInput = _g.Input("positions", _form.PositionType, _form.Arrangement == Arrangement.ThreefoldPositions ? [3, "batch", "length"] : ["batch", "length"]);
        }

        if (_form.Cache == CacheType.SharedPorts)
        {
            _seqLens = _g.Input("lengths", ElementType.Int32, "batch");
            _totalLength = _g.Input("longest", ElementType.Int32);
        }

        if (_form.Cache == CacheType.Scattered)
        {
            _writeIndices = _g.Input("write", ElementType.Int64, "batch");
        }

        for (int layer = 0; layer < _form.Layers && _form.Cache != CacheType.None; layer++)
        {
            ElementType type = _form.Arrangement == Arrangement.QuantizedCache ? ElementType.Int8 : ElementType.Float;
            _past.Add(_g.Input($"key_{layer}", type, CacheShape("past")));
            _past.Add(_g.Input($"value_{layer}", type, CacheShape("past")));
        }
    }

    private object[] CacheShape(string length) => _form.Cache == CacheType.Scattered
        ? ["batch", Longest, _form.KvHeads * _form.HeadDim]
        : _form.DeclaredCache ? ["batch", _form.KvHeads, length, _form.HeadDim] : ["batch", "kv_heads", length, "head_width"];

    /// <summary>Number of new positions, int64 scalar.</summary>
    private string NewLength => _form.ShapesFromQueries && _queries is not null ? _g.Size(_queries, 1) : _g.Size(_ids, 1);

    private string PastLength => _form.Cache == CacheType.None ? _g.Int(0) : _g.Size(_past[0], 2);

    private string TotalLength => _form.MaskFromCache || _mask is null ? _g.Op("Add", [PastLength, NewLength]) : _g.Size(_mask, 1);

    /// <summary>The position of each new token, int64 [B,S] or [1,S].</summary>
    private string Positions => _positions ??= _form.PositionsFrom switch
    {
        PositionSource.Input when _form.Arrangement == Arrangement.ThreefoldPositions => _g.Op("Gather", [_positionInput!, _g.Int(0)], Attributes.Int("axis", 0)),
        PositionSource.Input => _form.PositionType == ElementType.Int64 ? _positionInput! : _g.Cast(_positionInput!, ElementType.Int64),
        PositionSource.MaskSums => PositionsOfMask(),
        _ => _g.Unsqueeze(_g.Op("Range", [PastLength, _g.Op("Add", [PastLength, NewLength]), _g.Int(1)]), 0),
    };

    private string PositionsOfMask()
    {
        string numbers = _form.MaskType == ElementType.Int64 ? _mask! : _g.Cast(_mask!, ElementType.Int64);
        string all = _g.Op("Sub", [_g.Op("Mul", [_g.Op("CumSum", [numbers, _g.Int(1)]), numbers]), _g.Int(1)]);
        string start = _g.Unsqueeze(_g.Op("Neg", [NewLength]), 0);
        return _g.Op("Slice", [all, start, _g.Ints(long.MaxValue), _g.Ints(1)]);
    }

    /// <summary>What is added to the scores, float [B or 1,1,S,T]: 0 where a query sees a key.</summary>
    private string AttentionBias => IsWindowed ? _windowedBias ??= MakeBias() : _attentionBias ??= MakeBias();

    private bool IsWindowed => _form.Window is not null && (!_form.WindowInOddLayers || _layer % 2 == 1);

    private string MakeBias()
    {
        string total = _form.Cache == CacheType.Scattered ? _g.Int(Longest) : TotalLength;
        string keys = _g.Unsqueeze(_g.Op("Range", [_g.Int(0), total, _g.Int(1)]), 0);
        string queries = _form.Cache == CacheType.Scattered
            ? _g.Unsqueeze(_g.Cast(_positionInput!, ElementType.Int64), 2)
            : _g.Unsqueeze(_g.Op("Range", [_g.Op("Sub", [total, NewLength]), total, _g.Int(1)]), 1);
        string seen = _g.Op("LessOrEqual", [keys, _form.SeesAll ? _g.Op("Add", [queries, _g.Int(Longest)]) : queries]);
        if (IsWindowed && _form.Window is int window)
        {
            seen = _g.Op("And", [seen, _g.Op("Greater", [keys, _g.Op("Sub", [queries, _g.Int(window)])])]);
        }

        seen = _g.Unsqueeze(seen, _form.Cache == CacheType.Scattered ? [1] : [0, 1]);
        string bias;
        if (_mask is not null && _form.MaskType == ElementType.Float)
        {
            string padding = _g.Op("Mul", [_g.Op("Sub", [_g.Number(1), _g.Unsqueeze(_mask, 1, 2)]), _g.Number(-1e9f)]);
            bias = _g.Op("Add", [_g.Op("Where", [seen, _g.Number(0), _g.Number(-1e9f)]), padding]);
        }
        else
        {
            string visible = _mask is null || _form.Cache == CacheType.Scattered ? seen : _g.Op("And", [seen, _g.Unsqueeze(_g.Cast(_mask, ElementType.Bool), 1, 2)]);
            bias = _g.Op("Where", [visible, _g.Number(0), _g.Number(-1e9f)]);
        }

        if (_form.Positions == PositionForm.Alibi)
        {
            string slopes = _g.Tensor([.. Enumerable.Range(1, _form.Heads).Select(head => 1f / (1 << head))], 1, _form.Heads, 1, 1);
            bias = _g.Op("Add", [bias, _g.Op("Mul", [slopes, _g.Cast(keys, ElementType.Float)])]);
        }

        return bias;
    }

    /// <summary>Cosines and sines of the new positions, [B,1,S,D].</summary>
    private (string Cosines, string Sines) Angles()
    {
        if (_cosines is null || _sines is null)
        {
            float[] frequencies = [.. Enumerable.Range(0, _form.HeadDim / 2).Select(i => (float)Math.Pow(100, -2.0 * i / _form.HeadDim))];
            string inverse = _g.Tensor(frequencies, 1, _form.HeadDim / 2, 1);
            string products = _g.Transpose(_g.Op("MatMul", [inverse, _g.Unsqueeze(_g.Cast(Positions, ElementType.Float), 1)]), 0, 2, 1);
            string angles = _g.Op("Concat", [products, products], Attributes.Int("axis", -1));
            _cosines = _g.Unsqueeze(_g.Op("Cos", [angles]), 1);
            _sines = _g.Unsqueeze(_g.Op("Sin", [angles]), 1);
        }

        return (_cosines, _sines);
    }

    /// <summary>Tables of cosines and sines, [64, D/2].</summary>
    private (string Cosines, string Sines) Tables()
    {
        if (_cosines is null || _sines is null)
        {
            int half = _form.HeadDim / 2;
            double[] angles = [.. Enumerable.Range(0, Longest * half).Select(i => i / half * Math.Pow(100, -2.0 * (i % half) / _form.HeadDim))];
            _cosines = _g.Tensor([.. angles.Select(angle => (float)Math.Cos(angle))], Longest, half);
            _sines = _g.Tensor([.. angles.Select(angle => (float)Math.Sin(angle))], Longest, half);
        }

        return (_cosines, _sines);
    }
}

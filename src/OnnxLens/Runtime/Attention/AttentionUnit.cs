using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Attention;

/// <summary>Some rows that share keys, over all positions or one block of them.</summary>
/// <typeparam name="TLanes">The processor's vectors.</typeparam>
/// <typeparam name="TVector">Their type.</typeparam>
internal unsafe ref struct AttentionUnit<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int Block = AttentionSizes.Block;
    private const int Step = 16;

    private readonly AttentionJob* _job;
    private readonly int _batchRow;
    private readonly int _kvHead;
    private readonly int _first;
    private readonly int _count;
    private readonly int _past;
    private readonly int _shared;
    private readonly int _width;
    private readonly float* _tile;
    private readonly float* _scores;
    private readonly float* _queries;
    private readonly float* _keys;
    private readonly float* _values;
    private readonly PartialRows _block;
    private readonly PartialRows _sofar;

    private AttentionUnit(AttentionJob* job, int unit, float* scratch)
    {
        AttentionSizes sizes = job->Sizes;
        (int plane, int part) = Math.DivRem(unit, sizes.UnitsOfHead);
        _job = job;
        (_batchRow, _kvHead) = Math.DivRem(plane, job->Form.KvHeads);
        _shared = job->Form.Shared;
        _width = sizes.Width;
        _first = part * sizes.RowsOfUnit;
        _count = Math.Clamp((job->Added(_batchRow) * _shared) - _first, 0, sizes.RowsOfUnit);
        _past = job->Past(_batchRow);
        _queries = job->Queries + ((((long)plane * sizes.Rows) + _first) * _width);
        _keys = job->PresentKey + ((long)plane * sizes.Capacity * _width);
        _values = job->PresentValue + ((long)plane * sizes.Capacity * _width);
        _tile = scratch;
        _scores = _tile + sizes.TileSize;
        _block = new PartialRows(_scores + (sizes.RowsOfUnit * Block), sizes.RowsOfUnit, _width);
        _sofar = new PartialRows(_scores + (sizes.RowsOfUnit * Block) + sizes.PartialSize, sizes.RowsOfUnit, _width);
    }

    /// <summary>Computes a unit: its rows of the output, or its place among the partials.</summary>
    [MethodImpl(HotPath.Options)]
    public static void Compute(AttentionJob* job, int index, float* scratch)
    {
        (int rows, int block) = Math.DivRem(index, job->Sizes.Blocks);
        var unit = new AttentionUnit<TLanes, TVector>(job, rows, scratch);
        if (job->Partials != null)
        {
            unit.ComputeBlock((job->Sizes.FirstBlock + block) * Block, unit.Partial(rows, block));
            return;
        }

        unit._sofar.Clear();
        for (int from = unit.From(0) / Block * Block; from < unit.End; from += Block)
        {
            unit.ComputeBlock(from, unit._block);
            unit.Fold(unit._block);
        }

        unit.Put();
    }

    /// <summary>Brings the partials of some rows together.</summary>
    [MethodImpl(HotPath.Options)]
    public static void Fold(AttentionJob* job, int rows, float* scratch)
    {
        var unit = new AttentionUnit<TLanes, TVector>(job, rows, scratch);
        unit._sofar.Clear();
        for (int block = 0; block < job->Sizes.Blocks; block++)
        {
            unit.Fold(unit.Partial(rows, block));
        }

        unit.Put();
    }

    /// <summary>Behind the last position that any row sees.</summary>
    private readonly int End => _count == 0 ? 0 : To(_count - 1);

    private readonly PartialRows Partial(int rows, int block)
    {
        AttentionSizes sizes = _job->Sizes;
        return new PartialRows(_job->Partials + ((((long)rows * sizes.Blocks) + block) * sizes.PartialSize), sizes.RowsOfUnit, _width);
    }

    /// <summary>The first position that a row sees.</summary>
    private readonly int From(int row) => _job->Form.Window == 0 ? 0 : Math.Max(0, To(row) - _job->Form.Window);

    /// <summary>Behind the last position that a row sees, its own.</summary>
    private readonly int To(int row) => _past + ((_first + row) / _shared) + 1;

    [MethodImpl(HotPath.Options)]
    private readonly void ComputeBlock(int from, PartialRows result)
    {
        result.Clear();
        int to = Math.Min(from + Block, End);
        int tiles = (to - from + KeyTile.Positions - 1) / KeyTile.Positions;
        for (int tile = 0; tile < tiles; tile++)
        {
            Score(from, from + (tile * KeyTile.Positions), to);
        }

        for (int row = 0; row < _count; row++)
        {
            Weigh(row, from, result);
        }

        for (int tile = 0; tile < tiles; tile++)
        {
            int at = from + (tile * KeyTile.Positions);
            Mix(from, at, Math.Min(at + KeyTile.Positions, to), result);
        }
    }

    /// <summary>The scores of a tile of positions.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void Score(int block, int at, int to)
    {
        int positions = Math.Min(KeyTile.Positions, to - at);
        if (From(0) >= at + positions)
        {
            return;
        }

        KeyTile.Turn(_keys + ((long)at * _width), positions, _width, _tile, _values + ((long)at * _width));
        for (int row = 0; row < _count; row += QueryRows.Most)
        {
            int rows = Math.Min(QueryRows.Most, _count - row);
            if (To(row + rows - 1) > at && From(row) < at + positions)
            {
                var queries = new QueryRows(_queries + ((long)row * _width), _width, rows);
                var scores = new QueryRows(_scores + (row * Block) + (at - block), Block, rows);
                QueryKernels<TLanes, TVector>.Score(queries, _tile, _width, _job->Scale, scores);
            }
        }
    }

    /// <summary>Makes the scores of a row what values are mixed by.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void Weigh(int row, int block, PartialRows result)
    {
        int from = Math.Max(From(row) - block, 0);
        int to = Math.Min(To(row) - block, Block);
        if (from >= to)
        {
            return;
        }

        int before = from / Step * Step;
        int behind = (to + Step - 1) / Step * Step;
        float* scores = _scores + (row * Block);
        var all = new Span<float>(scores + before, behind - before);
        if (_job->Form.Softcap > 0)
        {
            TensorPrimitives.Divide(all, _job->Form.Softcap, all);
            TensorPrimitives.Tanh(all, all);
            TensorPrimitives.Multiply(all, _job->Form.Softcap, all);
        }

        if (_job->Bias != null)
        {
            QueryKernels<TLanes, TVector>.Add(BiasOf(row) + block + from, scores + from, to - from);
        }

        new Span<float>(scores + before, from - before).Fill(float.NegativeInfinity);
        new Span<float>(scores + to, behind - to).Fill(float.NegativeInfinity);
        float most = TLanes.Most(scores + before, behind - before);
        if (float.IsNegativeInfinity(most))
        {
            all.Clear(); // The bias hides all of them.
            return;
        }

        result.Most[row] = most;
        result.Sums[row] = TLanes.Exponentiate(scores + before, behind - before, most);
    }

    private readonly float* BiasOf(int row)
    {
        (int position, int head) = Math.DivRem(_first + row, _shared);
        long plane = (_batchRow * _job->BiasBatchStride) + (((_kvHead * _shared) + head) * _job->BiasHeadStride);
        return _job->Bias + plane + ((long)position * _job->BiasLength);
    }

    /// <summary>Mixes the values of a tile of positions. No row meets one that it does not see: 0 · NaN would be NaN.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void Mix(int block, int at, int to, PartialRows result)
    {
        for (int row = 0; row < _count; row += QueryRows.Most)
        {
            int rows = Math.Min(QueryRows.Most, _count - row);
            if (_job->Bias != null)
            {
                for (int i = 0; i < rows; i++)
                {
                    MixSeen(row + i, block, Math.Clamp(From(row + i), at, to), Math.Clamp(To(row + i), at, to), result);
                }

                continue;
            }

            int allFrom = Math.Clamp(From(row + rows - 1), at, to);
            int allTo = Math.Clamp(To(row), at, to);
            if (allFrom >= allTo)
            {
                allFrom = allTo = to;
            }

            for (int i = 0; i < rows; i++)
            {
                Mix(row + i, 1, block, Math.Clamp(From(row + i), at, to), Math.Min(allFrom, To(row + i)), result);
            }

            Mix(row, rows, block, allFrom, allTo, result);
            for (int i = 0; i < rows; i++)
            {
                Mix(row + i, 1, block, allTo, Math.Clamp(To(row + i), at, to), result);
            }
        }
    }

    /// <summary>Mixes the values of those positions that the bias does not hide from a row.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void MixSeen(int row, int block, int from, int to, PartialRows result)
    {
        float* weights = _scores + (row * Block) - block;
        while (from < to)
        {
            int end = from;
            while (end < to && weights[end] != 0)
            {
                end++;
            }

            Mix(row, 1, block, from, end, result);
            from = end + 1;
        }
    }

    [MethodImpl(HotPath.Options)]
    private readonly void Mix(int row, int rows, int block, int from, int to, PartialRows result)
    {
        if (from < to)
        {
            var weights = new QueryRows(_scores + (row * Block) + (from - block), Block, rows);
            QueryKernels<TLanes, TVector>.Mix(weights, _values + ((long)from * _width), to - from, _width, new QueryRows(result.MixedOf(row), _width, rows));
        }
    }

    /// <summary>Adds what was computed of a block.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void Fold(PartialRows block)
    {
        for (int row = 0; row < _count; row++)
        {
            if (block.Sums[row] == 0)
            {
                continue;
            }

            float most = Math.Max(_sofar.Most[row], block.Most[row]);
            float a = MathF.Exp(_sofar.Most[row] - most);
            float b = MathF.Exp(block.Most[row] - most);
            _sofar.Most[row] = most;
            _sofar.Sums[row] = MathF.FusedMultiplyAdd(a, _sofar.Sums[row], b * block.Sums[row]);
            QueryKernels<TLanes, TVector>.Fold(_sofar.MixedOf(row), a, block.MixedOf(row), b, _width);
        }
    }

    /// <summary>Divides by the sums and writes the output; zeros for what fills up the batch.</summary>
    [MethodImpl(HotPath.Options)]
    private readonly void Put()
    {
        AttentionSizes sizes = _job->Sizes;
        for (int row = 0; row < Math.Min(sizes.RowsOfUnit, sizes.Rows - _first); row++)
        {
            (int position, int head) = Math.DivRem(_first + row, _shared);
            long at = ((((long)_batchRow * sizes.Length) + position) * _job->Form.Heads) + (_kvHead * _shared) + head;
            float* output = _job->Output + (at * _width);
            if (row >= _count || _sofar.Sums[row] == 0)
            {
                new Span<float>(output, _width).Clear();
            }
            else
            {
                QueryKernels<TLanes, TVector>.Divide(_sofar.MixedOf(row), _sofar.Sums[row], output, _width);
            }
        }
    }
}

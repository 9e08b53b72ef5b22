namespace OnnxLens.Runtime.Attention;

/// <summary>The sizes of one run of an attention, and how it is cut up.</summary>
/// <remarks>Rows are the queries of all positions and heads that share keys: S·N/KV for each head of keys and row of the batch.</remarks>
internal readonly struct AttentionSizes
{
    /// <summary>Positions of a block. Sums over positions are those of a block, then block to block, wherever the work is cut.</summary>
    public const int Block = 256;

    // So many use a tile of turned keys while it is in the first cache.
    private const int MostRowsOfUnit = 64;

    // Elements that hold what was computed of blocks; with more, few threads that have work are better than memory for all.
    private const long MostPartials = 1 << 20;

    /// <param name="form">The attention.</param>
    /// <param name="batch">B.</param>
    /// <param name="length">S.</param>
    /// <param name="width">D.</param>
    /// <param name="total">The most positions of a row after the run.</param>
    /// <param name="leastPast">The fewest positions of a row before it.</param>
    /// <param name="pastCapacity">Positions that the cache had room for.</param>
    /// <param name="threads">Threads of the session.</param>
    public AttentionSizes(AttentionForm form, int batch, int length, int width, int total, int leastPast, int pastCapacity, int threads)
    {
        Batch = batch;
        Length = length;
        Width = width;
        Total = total;
        PastCapacity = pastCapacity;
        Capacity = Math.Max(pastCapacity, total);
        IsPrompt = length == total;
        AppendedHeads = batch * (form.Heads + (2 * form.KvHeads));
        Rows = length * form.Shared;
        RowsOfUnit = Math.Clamp(Rows, 1, MostRowsOfUnit);
        UnitsOfHead = (Rows + RowsOfUnit - 1) / RowsOfUnit;
        int units = batch * form.KvHeads * UnitsOfHead;
        FirstBlock = form.Window == 0 ? 0 : Math.Max(0, leastPast + 1 - form.Window) / Block;
        int blocks = ((total + Block - 1) / Block) - FirstBlock;
        Blocks = units < threads && (long)units * blocks * PartialSize <= MostPartials ? blocks : 1;
        Units = units * Blocks;
    }

    /// <summary>B.</summary>
    public int Batch { get; }

    /// <summary>Positions of a row that are given, S.</summary>
    public int Length { get; }

    /// <summary>Width of a head, D.</summary>
    public int Width { get; }

    /// <summary>The most positions of a row after the run.</summary>
    public int Total { get; }

    /// <summary>Positions that the cache had room for before.</summary>
    public int PastCapacity { get; }

    /// <summary>Positions that it has room for after, C.</summary>
    public int Capacity { get; }

    /// <summary>True where the cache is empty before: then rows may be shorter than S.</summary>
    public bool IsPrompt { get; }

    /// <summary>Heads of queries, keys and values of all rows of the batch.</summary>
    public int AppendedHeads { get; }

    /// <summary>Rows that share keys.</summary>
    public int Rows { get; }

    /// <summary>Rows that are computed together, at most.</summary>
    public int RowsOfUnit { get; }

    /// <summary>Units that share keys.</summary>
    public int UnitsOfHead { get; }

    /// <summary>Parts that can be computed at once.</summary>
    public int Units { get; }

    /// <summary>Blocks that a unit is cut into; 1 where it takes all of them, one after the other.</summary>
    public int Blocks { get; }

    /// <summary>The first block that any row sees.</summary>
    public int FirstBlock { get; }

    /// <summary>Elements that hold what was computed of a block.</summary>
    public int PartialSize => RowsOfUnit * (Width + 2);

    /// <summary>Elements of a tile of turned keys.</summary>
    public int TileSize => KeyTile.Positions * Width;

    /// <summary>Elements of a thread's scratch memory: a tile, scores, and what was computed of a block and of those before it.</summary>
    public int ScratchOfPart => TileSize + (RowsOfUnit * Block) + (2 * PartialSize);

    /// <summary>Bytes of a thread's scratch memory at most.</summary>
    /// <param name="width">D.</param>
    public static long MostScratchBytes(int width) => sizeof(float) * (long)((KeyTile.Positions * width) + (MostRowsOfUnit * (Block + (2 * (width + 2)))));
}

namespace OnnxLens.Tokenization;

/// <summary>
/// Joins the symbols of one word by rank: always the pair of the lowest rank, and of equal ones the
/// leftmost. A heap of pairs over a linked list: n log n, also for a word of a million letters.
/// One per encoding call; not for use by two threads.
/// </summary>
internal sealed class BpeMerger(MergeTable merges)
{
    private const int None = -1;

    private readonly PriorityQueue<(int Position, int Id), ulong> _heap = new();
    private readonly List<int> _symbols = [];
    private int[] _previous = new int[64];
    private int[] _next = new int[64];

    /// <summary>The symbols of the word, filled by the caller before <see cref="Merge"/>.</summary>
    public List<int> Symbols => _symbols;

    /// <summary>Merges <see cref="Symbols"/>, appends the result to <paramref name="ids"/> and empties them.</summary>
    public void Merge(List<int> ids)
    {
        if (_symbols.Count > 1)
            Join();
        foreach (int id in _symbols)
        {
            if (id != None)
                ids.Add(id);
        }

        _symbols.Clear();
    }

    private void Join()
    {
        Link();
        while (_heap.TryDequeue(out (int Position, int Id) top, out _))
        {
            int left = top.Position;
            int right = _next[left];
            // A pair that was queued and has changed since is stale: its merge is another one now, or none.
            if (_symbols[left] == None || right == None
                || !merges.TryGet(_symbols[left], _symbols[right], out (int Rank, int Id) merge) || merge.Id != top.Id)
            {
                continue;
            }

            _symbols[left] = merge.Id;
            _symbols[right] = None;
            int after = _next[right];
            _next[left] = after;
            if (after != None)
            {
                _previous[after] = left;
                Queue(left, after);
            }

            if (_previous[left] != None)
                Queue(_previous[left], left);
        }
    }

    private void Link()
    {
        int count = _symbols.Count;
        if (_next.Length < count)
        {
            _previous = new int[count];
            _next = new int[count];
        }

        for (int i = 0; i < count; i++)
        {
            _previous[i] = i - 1;
            _next[i] = i + 1 < count ? i + 1 : None;
            if (i > 0)
                Queue(i - 1, i);
        }
    }

    private void Queue(int left, int right)
    {
        if (merges.TryGet(_symbols[left], _symbols[right], out (int Rank, int Id) merge))
            _heap.Enqueue((left, merge.Id), ((ulong)(uint)merge.Rank << 32) | (uint)left);
    }
}

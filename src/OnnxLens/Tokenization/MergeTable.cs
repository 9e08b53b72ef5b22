using System.Globalization;

namespace OnnxLens.Tokenization;

/// <summary>The merges of a BPE model: a pair of ids → its rank (lower merges first) and the id it becomes.</summary>
internal sealed class MergeTable
{
    private readonly Dictionary<ulong, (int Rank, int Id)> _merges = [];
    private readonly Vocabulary _vocabulary;
    private readonly string _source;

    /// <summary>An empty table.</summary>
    /// <param name="vocabulary">The vocabulary that the merges name.</param>
    /// <param name="source">File and field, for messages.</param>
    public MergeTable(Vocabulary vocabulary, string source)
    {
        _vocabulary = vocabulary;
        _source = source;
    }

    /// <summary>The number of pairs.</summary>
    public int Count => _merges.Count;

    /// <summary>Looks a pair up.</summary>
    public bool TryGet(int left, int right, out (int Rank, int Id) merge) =>
        _merges.TryGetValue(Key(left, right), out merge);

    /// <summary>Adds a pair by its ids. A pair given twice keeps the later rank.</summary>
    public void Add(int left, int right, int rank, int id) => _merges[Key(left, right)] = (rank, id);

    /// <summary>Adds a merge written as one string, <c>"left right"</c>.</summary>
    /// <exception cref="TokenizerException">Not two tokens with one space between, or a token is not in the vocabulary.</exception>
    public void Add(string line, int rank)
    {
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0 || space == line.Length - 1 || line.IndexOf(' ', space + 1) >= 0)
        {
            throw new TokenizerException(string.Create(CultureInfo.InvariantCulture,
                $"{_source}: merge {rank} is \"{line}\"; expected two tokens with one space between. Fetch the file again."));
        }

        Add(line.AsSpan(0, space), line.AsSpan(space + 1), rank);
    }

    /// <summary>Adds a merge of two spellings.</summary>
    /// <exception cref="TokenizerException">One of the tokens, or both joined, is not in the vocabulary.</exception>
    public void Add(ReadOnlySpan<char> left, ReadOnlySpan<char> right, int rank)
    {
        int length = left.Length + right.Length;
        Span<char> joined = length <= 256 ? stackalloc char[256] : new char[length];
        left.CopyTo(joined);
        right.CopyTo(joined[left.Length..]);
        Add(Known(left, rank), Known(right, rank), rank, Known(joined[..length], rank));
    }

    private int Known(ReadOnlySpan<char> spelling, int rank)
    {
        int id = _vocabulary.IdOf(spelling);
        return id >= 0
            ? id
            : throw new TokenizerException(string.Create(CultureInfo.InvariantCulture,
                $"{_source}: merge {rank} names the token \"{spelling}\", which {_vocabulary.Source} does not have. The two belong to different tokenizers or are damaged: fetch both again."));
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;
}

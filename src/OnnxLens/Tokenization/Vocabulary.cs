using System.Globalization;

namespace OnnxLens.Tokenization;

/// <summary>Spelling ↔ id of a tokenizer model. Ids may have gaps; each id and each spelling stands once.</summary>
internal sealed class Vocabulary
{
    /// <summary>Ids from here on are taken for a broken file: the tables are as long as the highest id.</summary>
    public const int IdLimit = 1 << 24;

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private string?[] _spellings = new string?[1024];

    /// <summary>An empty vocabulary of a file.</summary>
    /// <param name="source">File and field, for messages.</param>
    public Vocabulary(string source)
    {
        Source = source;
        _ids = new Dictionary<string, int>(StringComparer.Ordinal);
        _idsBySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Reads an object of spellings and their ids.</summary>
    /// <exception cref="TokenizerException">No object, an empty one, or an id or spelling that cannot be added.</exception>
    public static Vocabulary Read(JsonField field)
    {
        if (!field.IsObject)
            throw field.Unexpected("an object of tokens and their ids");
        var vocabulary = new Vocabulary(field.Where);
        foreach ((string spelling, JsonField id) in field.Fields())
            vocabulary.Add(spelling, id.Integer());
        return vocabulary.Count > 0 ? vocabulary : throw field.Unexpected("at least one token");
    }

    /// <summary>File and field it was read from.</summary>
    public string Source { get; }

    /// <summary>The number of tokens.</summary>
    public int Count => _ids.Count;

    /// <summary>The highest id + 1.</summary>
    public int Size { get; private set; }

    /// <summary>The length of the longest spelling, in UTF-16 units.</summary>
    public int LongestSpelling { get; private set; }

    /// <summary>Adds a token.</summary>
    /// <exception cref="TokenizerException">The id is out of range, or the id or spelling is already taken.</exception>
    public void Add(string spelling, long id)
    {
        if (id is < 0 or >= IdLimit)
        {
            throw new TokenizerException(string.Create(CultureInfo.InvariantCulture,
                $"{Source}: the token \"{spelling}\" has the id {id}; expected 0 to {IdLimit - 1}. The file is damaged: fetch it again."));
        }

        int index = (int)id;
        if (index >= _spellings.Length)
            Array.Resize(ref _spellings, Math.Max(index + 1, _spellings.Length * 2));
        if (_spellings[index] is { } other)
        {
            throw new TokenizerException(string.Create(CultureInfo.InvariantCulture,
                $"{Source}: the id {index} belongs to both \"{other}\" and \"{spelling}\"; expected one token for an id. Remove one of them or fetch the file again."));
        }

        if (!_ids.TryAdd(spelling, index))
        {
            throw new TokenizerException(string.Create(CultureInfo.InvariantCulture,
                $"{Source}: the token \"{spelling}\" has two ids, {_ids[spelling]} and {index}; expected one. Remove one of them or fetch the file again."));
        }

        _spellings[index] = spelling;
        Size = Math.Max(Size, index + 1);
        LongestSpelling = Math.Max(LongestSpelling, spelling.Length);
    }

    /// <summary>The id of a spelling, or -1.</summary>
    public int IdOf(ReadOnlySpan<char> spelling) => _idsBySpan.TryGetValue(spelling, out int id) ? id : -1;

    /// <summary>The spelling of an id, or null.</summary>
    public string? SpellingOf(int id) => (uint)id < (uint)_spellings.Length ? _spellings[id] : null;

    /// <summary>All tokens, by id.</summary>
    public IEnumerable<(int Id, string Spelling)> All()
    {
        for (int id = 0; id < Size; id++)
        {
            if (_spellings[id] is { } spelling)
                yield return (id, spelling);
        }
    }
}

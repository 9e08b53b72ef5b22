using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using OnnxLens.Bundles;

namespace OnnxLens.Reports.Pages;

/// <summary>The lens of an earlier page, to be put into another one beside its own.</summary>
/// <remarks>Holds the run's text as the page has it, of 448 MiB at most, and which cells are in it.</remarks>
public sealed class LensPageRun
{
    private readonly byte[] _text;

    private LensPageRun(byte[] text, long bytes, ImmutableArray<(string Site, int Layer)> points, ImmutableArray<int> positions)
    {
        _text = text;
        Bytes = bytes;
        Points = points;
        Positions = positions;
    }

    /// <summary>Its hook points: names of sites, and layers.</summary>
    public ImmutableArray<(string Site, int Layer)> Points { get; }

    /// <summary>Its positions, ascending.</summary>
    public ImmutableArray<int> Positions { get; }

    /// <summary>Bytes of its numbers.</summary>
    internal long Bytes { get; }

    /// <summary>Reads the first run of a page that <see cref="LensPage"/> wrote. The file is not looked at again.</summary>
    /// <param name="path">The page.</param>
    /// <exception cref="PageException">The file is no page, is damaged, or holds another kind of run or a run of another form.</exception>
    public static LensPageRun Read(string path)
    {
        byte[] text = PageRunText.Read(path);
        try
        {
            return PageRunReader.Read(text, reader => Of(reader, path, text));
        }
        catch (InvalidDataException damage)
        {
            throw new PageException($"The run in the page '{path}' is damaged: {damage.Message}. Write the page again.", damage);
        }
    }

    /// <summary>True where a lens has at least one cell of the same site, layer and position.</summary>
    public bool Shares(IEnumerable<HookPoint> points, IEnumerable<int> positions) =>
        points.Any(point => Points.Contains((point.Site.Name(), point.Layer))) && positions.Intersect(Positions).Any();

    /// <summary>Writes the text.</summary>
    internal void Write(Stream stream) => stream.Write(_text);

    private static LensPageRun Of(PageRunReader reader, string path, byte[] text)
    {
        JsonElement header = reader.Header;
        if (header.GetProperty("kind").GetString() is var kind && kind != LensPage.Kind)
            throw new PageException($"The page '{path}' holds a run of the kind '{kind}'; only a lens can stand beside a lens. Give a page that 'lens --html' wrote.");
        if (header.GetProperty("format").GetInt32() is var format && format != PageRun.Format)
            throw new PageException($"The run in the page '{path}' has the form {format}; this program reads {PageRun.Format}. Write the page again with this program.");
        ImmutableArray<(string, int)> points = [.. header.GetProperty("points").EnumerateArray().Select(point => (point.GetProperty("site").GetString()!, point.GetProperty("layer").GetInt32()))];
        RequireTexts(header);
        int tokens = header.GetProperty("tokens").GetArrayLength();
        RequireLengths(reader, points.Length, header.GetProperty("top_k").GetInt32());
        ImmutableArray<int> positions = [.. reader.Whole("positions")];
        RequirePositions(positions, tokens);
        return new LensPageRun(text, reader.Arrays.Sum(array => array.Bytes), points, positions);
    }

    /// <summary>The members that the page reads without asking whether they are there.</summary>
    private static void RequireTexts(JsonElement header)
    {
        if (header.GetProperty("provenance").ValueKind != JsonValueKind.Object)
            throw new InvalidDataException("its 'provenance' is no object");
        JsonElement texts = header.GetProperty("texts");
        if (texts.EnumerateObject().Any(text => text.Value.ValueKind != JsonValueKind.String))
            throw new InvalidDataException("one of its 'texts' is no text");
        HashSet<string> ids = [.. texts.EnumerateObject().Select(text => text.Name)];
        foreach (JsonElement token in header.GetProperty("tokens").EnumerateArray())
        {
            int id = token.GetProperty("id").GetInt32();
            if (!ids.Contains(id.ToString(CultureInfo.InvariantCulture)))
                throw new InvalidDataException($"its token {id} has no text");
            if (token.GetProperty("phase").GetString() is not ("prompt" or "generated"))
                throw new InvalidDataException($"the phase of its token {id} is neither prompt nor generated");
        }
    }

    /// <summary>Positions are those of tokens, each once and ascending.</summary>
    private static void RequirePositions(ImmutableArray<int> positions, int tokens)
    {
        int last = -1;
        foreach (int position in positions)
        {
            if (position <= last || position >= tokens)
                throw new InvalidDataException($"its position {position} is not above the one before it and below {tokens}, the number of its tokens");
            last = position;
        }
    }

    /// <summary>Every array must be as long as the axes say: the page looks cells up by these alone.</summary>
    private static void RequireLengths(PageRunReader reader, int points, int topK)
    {
        Dictionary<string, PageArray> arrays = reader.Arrays.ToDictionary(array => array.Name);
        long cells = points * (long)arrays["positions"].Length;
        long targets = arrays["targets"].Length;
        (string Name, string Type, long Length)[] expected =
        [
            ("positions", "i32", arrays["positions"].Length), ("targets", "i32", targets),
            ("top_ids", "i32", cells * topK), ("top_logprobs", "f32", cells * topK),
            ("logsumexp", "f32", cells), ("entropy", "f32", cells), ("kl_final_lens", "f32", cells),
            ("next_logprobs", "f32", cells), ("next_ranks", "i32", cells),
            ("target_logprobs", "f32", cells * targets), ("target_ranks", "i32", cells * targets),
        ];
        foreach ((string name, string type, long length) in expected)
        {
            if (arrays[name] is var array && (array.Type != type || array.Length != length))
                throw new InvalidDataException($"its array '{name}' has {array.Length} numbers of the type {array.Type}, not {length} of {type}");
        }
    }
}

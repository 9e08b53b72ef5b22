using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using OnnxLens.Bundles;

namespace OnnxLens.Steering;

/// <summary>Vectors as a command line names them: <c>FILE[@site[.layers]][*scale]</c>.</summary>
/// <remarks>
/// <c>v.safetensors</c>, <c>v.safetensors@mlp_in.3</c>, <c>v.safetensors@mlp_in.2-5,7*1.5</c>, <c>v.gguf*-2</c>, <c>v.npz*10%</c>.
/// <para>Read from the right. The text after the last <c>*</c> is a scale, and that after the last <c>@</c> before it a
/// selection, unless it holds a folder separator or looks like the end of a file's name: a dot and a letter, as in
/// <c>a@b.gguf</c> or <c>a*b.npz</c> (a dot after the name of a site begins layers). So a path may hold both characters.
/// Where a path still ends like a selection or a scale, write the selection or <c>*1</c> after it.</para>
/// </remarks>
public sealed partial record VectorSelector
{
    private const string Notation = "FILE, FILE@site, FILE@site.layers, with *scale after it where it is not 1";

    private VectorSelector(string text, string path, Site? site, string? layers, VectorStrength strength)
    {
        Text = text;
        Path = path;
        Site = site;
        Layers = layers;
        Strength = strength;
    }

    /// <summary>What the user wrote.</summary>
    public string Text { get; }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The site; null where none is named.</summary>
    public Site? Site { get; init; }

    /// <summary>Layers as numbers and ranges, e.g. <c>2-5,7</c>; null is every layer that the file has at the site.</summary>
    public string? Layers { get; }

    /// <summary>How strongly; once where nothing is said.</summary>
    public VectorStrength Strength { get; }

    /// <summary>Reads the notation. No file is looked at.</summary>
    /// <exception cref="SelectionException">The path is empty, or a scale or a selection has no such form.</exception>
    public static VectorSelector Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        (string rest, string? scale) = Cut(text, '*', tail => tail.Contains('@', StringComparison.Ordinal) || FileEnding().IsMatch(tail));
        (string path, string? selection) = Cut(rest, '@', tail => FileEnding().IsMatch(tail) && !Sites.TryParse(tail[..tail.IndexOf('.', StringComparison.Ordinal)], out _));
        if (path.Length == 0)
        {
            throw new SelectionException($"'{text}' names no file. Write {Notation}.");
        }

        VectorStrength strength = scale is null ? VectorStrength.One : VectorStrength.Parse(scale);
        if (selection is null)
        {
            return new VectorSelector(text, path, null, null, strength);
        }

        int dot = selection.IndexOf('.', StringComparison.Ordinal);
        Site site = Sites.Parse(dot < 0 ? selection : selection[..dot]);
        string? layers = dot < 0 ? null : selection[(dot + 1)..];
        return layers is null || LayerList().IsMatch(layers)
            ? new VectorSelector(text, path, site, layers, strength)
            : throw new SelectionException($"'{layers}' in '{text}' selects no layers. Write numbers and ranges such as '3' or '2-5,7' after the site: {Notation}.");
    }

    /// <summary>Reads the file. The site named is taken for layers whose site the file does not name.</summary>
    /// <exception cref="VectorException">The file cannot be read.</exception>
    public VectorFileContent Read() => VectorFile.Read(Path, new VectorReadOptions { Site = Site });

    /// <summary>The vectors named, cut to the layers named: of every site, where none is.</summary>
    /// <exception cref="SelectionException">The file does not have what is named.</exception>
    public ImmutableArray<SteeringVector> Select(VectorFileContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return Site is not Site site ? content.Vectors
            : Layers is null ? [content.At(site)]
            : [Cut(content.At(site))];
    }

    /// <summary>Reads the file and gives the directions to add, by ascending layer. The strength is not applied.</summary>
    /// <param name="facts">The model that they must fit.</param>
    /// <exception cref="VectorException">The file cannot be read.</exception>
    /// <exception cref="SelectionException">The file does not have what is named, has several sites and none is named, or does not fit the model.</exception>
    public ImmutableArray<SelectedDirection> Resolve(ModelFacts facts) => Resolve(Read(), facts);

    /// <summary>As <see cref="Resolve(ModelFacts)"/>, of a file that was read already.</summary>
    /// <param name="content">What <see cref="Read"/> gave.</param>
    /// <param name="facts">The model that the directions must fit.</param>
    /// <exception cref="SelectionException">As there.</exception>
    public ImmutableArray<SelectedDirection> Resolve(VectorFileContent content, ModelFacts facts)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (Site is null && content.Vectors.Length > 1)
        {
            throw new SelectionException($"'{Path}' has vectors at several sites: {content.SiteNames}. Name one, e.g. '{Path}@{content.Vectors[0].Site.Name()}'.");
        }

        SteeringVector source = Site is Site site ? content.At(site) : content.Vectors[0];
        source.RequireFits(facts, Path);
        return [.. Select(content)[0].Layers.Keys.Select(layer => new SelectedDirection(new HookPoint(source.Site, layer), source, Strength))];
    }

    private SteeringVector Cut(SteeringVector vector)
    {
        var layers = new Dictionary<int, ImmutableArray<float>>();
        foreach (string part in Layers!.Split(','))
        {
            string[] ends = part.Split('-');
            (int first, int last) = (Number(ends[0], vector), Number(ends[^1], vector));
            if (last < first)
            {
                throw new SelectionException($"The range '{part}' of layers in '{Text}' runs backwards.");
            }

            // It ends at the first layer that is not there, however far the range goes.
            for (long layer = first; layer <= last; layer++)
            {
                layers[(int)layer] = vector.Layers.TryGetValue((int)layer, out ImmutableArray<float> values) ? values : throw Missing(layer.ToString(CultureInfo.InvariantCulture), vector);
            }
        }

        return new SteeringVector(vector.Site, layers, vector.Origin);
    }

    private int Number(string text, SteeringVector vector) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int layer) && vector.Layers.ContainsKey(layer) ? layer : throw Missing(text, vector);

    private SelectionException Missing(string layer, SteeringVector vector) =>
        new($"'{Path}' has no vector at '{vector.Site.Name()}.{layer}'. It has the layers {string.Join(", ", vector.Layers.Keys)} there.");

    private static (string Before, string? Tail) Cut(string text, char mark, Func<string, bool> isPath)
    {
        int at = text.LastIndexOf(mark);
        string tail = text[(at + 1)..];
        return at < 0 || tail.AsSpan().ContainsAny('/', '\\') || isPath(tail) ? (text, null) : (text[..at], tail);
    }

    [GeneratedRegex(@"\.[A-Za-z]\w*$", RegexOptions.CultureInvariant)]
    private static partial Regex FileEnding();

    [GeneratedRegex(@"^\d+(-\d+)?(,\d+(-\d+)?)*$", RegexOptions.CultureInvariant)]
    private static partial Regex LayerList();
}

using System.Globalization;

namespace OnnxLens.Tokenization;

/// <summary>Reads <c>post_processor</c> of <c>tokenizer.json</c>: which ids stand around a text.</summary>
internal static class PostProcessorReader
{
    private const string NotSupported = "This post-processor is not supported.";

    /// <summary>Reads the field; null adds nothing.</summary>
    /// <exception cref="TokenizerException">The field is malformed or of a kind that is not supported.</exception>
    public static (IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) Read(JsonField field)
    {
        List<int> prefix = [];
        List<int> suffix = [];
        if (!field.IsNull)
            Add(field, prefix, suffix);
        return (prefix, suffix);
    }

    private static void Add(JsonField field, List<int> prefix, List<int> suffix)
    {
        switch (field["type"].Text())
        {
            case "Sequence":
                foreach (JsonField step in field["processors"].Items())
                    Add(step, prefix, suffix);
                break;
            case "TemplateProcessing":
                AddTemplate(field, prefix, suffix);
                break;
            case "ByteLevel":
                break; // Moves offsets only.
            default:
                throw field.Unexpected("one of Sequence, TemplateProcessing and ByteLevel", NotSupported);
        }
    }

    // A later template of a sequence goes around what the earlier ones made.
    private static void AddTemplate(JsonField field, List<int> prefix, List<int> suffix)
    {
        List<int> before = [];
        List<int> after = [];
        int texts = 0;
        foreach (JsonField item in field["single"].Items())
        {
            if (item["Sequence"] is { IsNull: false } sequence)
            {
                texts++;
                if (sequence["id"].Text() != "A")
                    throw sequence["id"].Unexpected("\"A\"", NotSupported);
                continue;
            }

            string name = item["SpecialToken"]["id"].Text();
            (texts == 0 ? before : after).AddRange(Ids(field["special_tokens"][name]));
        }

        if (texts != 1)
            throw field["single"].Unexpected("a template with the text once", NotSupported);
        prefix.InsertRange(0, before);
        suffix.AddRange(after);
    }

    private static IEnumerable<int> Ids(JsonField token)
    {
        if (!token["ids"].IsArray)
            throw token["ids"].Unexpected("an array of ids");
        foreach (JsonField item in token["ids"].Items())
        {
            long id = item.Integer();
            if (id is < 0 or >= Vocabulary.IdLimit)
                throw item.Unexpected(string.Create(CultureInfo.InvariantCulture, $"0 to {Vocabulary.IdLimit - 1}"));
            yield return (int)id;
        }
    }
}

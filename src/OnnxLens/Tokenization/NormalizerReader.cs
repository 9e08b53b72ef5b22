using System.Text;

namespace OnnxLens.Tokenization;

/// <summary>Reads <c>normalizer</c> of <c>tokenizer.json</c>.</summary>
internal static class NormalizerReader
{
    /// <summary>Reads the field; null normalizes nothing.</summary>
    /// <exception cref="TokenizerException">The field is malformed or has a step that is not supported.</exception>
    public static TextNormalizer Read(JsonField field)
    {
        List<Func<string, string>> steps = [];
        if (!field.IsNull)
            AddSteps(field, steps);
        return steps.Count == 0 ? TextNormalizer.None : new TextNormalizer(steps);
    }

    private static void AddSteps(JsonField field, List<Func<string, string>> steps)
    {
        switch (field["type"].Text())
        {
            case "Sequence":
                foreach (JsonField step in field["normalizers"].Items())
                    AddSteps(step, steps);
                break;
            case "NFC":
                steps.Add(UnicodeForm(field, NormalizationForm.FormC));
                break;
            case "NFD":
                steps.Add(UnicodeForm(field, NormalizationForm.FormD));
                break;
            case "NFKC":
                steps.Add(UnicodeForm(field, NormalizationForm.FormKC));
                break;
            case "NFKD":
                steps.Add(UnicodeForm(field, NormalizationForm.FormKD));
                break;
            case "Prepend":
                steps.Add(TextNormalizer.Prepend(field["prepend"].Text()));
                break;
            case "Replace":
                steps.Add(Replace(field));
                break;
            default:
                throw field.Unexpected("one of Sequence, NFC, NFD, NFKC, NFKD, Prepend and Replace", "This normalizer is not supported.");
        }
    }

    private static Func<string, string> UnicodeForm(JsonField field, NormalizationForm form)
    {
        TextNormalizer.RequireUnicodeData(field.Where);
        return TextNormalizer.UnicodeForm(form);
    }

    private static Func<string, string> Replace(JsonField field)
    {
        JsonField what = field["pattern"]["String"];
        return what.TextOrNull() is { Length: > 0 } text
            ? TextNormalizer.Replace(text, field["content"].Text())
            : throw what.Unexpected("a text that is not empty", "Replacing by a regular expression is not supported.");
    }
}

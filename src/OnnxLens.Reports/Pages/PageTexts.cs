using System.Globalization;
using System.Text.Json;

namespace OnnxLens.Reports.Pages;

/// <summary>The texts of ids in the header of a run.</summary>
internal static class PageTexts
{
    /// <summary>Writes an object of the display form of each id, once; keys are ids, ascending. An id below 0 is undefined and has none.</summary>
    internal static void Write(Utf8JsonWriter json, IEnumerable<int> ids, Func<int, string> text)
    {
        json.WriteStartObject();
        foreach (int id in ids.Where(id => id >= 0).Distinct().Order())
            json.WriteString(id.ToString(CultureInfo.InvariantCulture), text(id));
        json.WriteEndObject();
    }

    /// <summary>Writes those of some ids that are control tokens, ascending, or null where nobody knows.</summary>
    internal static void WriteSpecial(Utf8JsonWriter json, IEnumerable<int> ids, Func<int, bool>? isSpecial)
    {
        if (isSpecial is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        foreach (int id in ids.Where(id => id >= 0).Distinct().Where(isSpecial).Order())
            json.WriteNumberValue(id);
        json.WriteEndArray();
    }
}

using System.Globalization;
using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary><c>strftime_now</c>: a time in the form of the C library, in English, of a time without a zone.</summary>
internal static class Strftime
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;

    /// <summary>A time in a form.</summary>
    public static string Format(DateTime time, string format)
    {
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            int start = i++;
            char flag = (format[i] is '-' or '_' or '0' or '^') && i + 1 < format.Length ? format[i++] : '\0';
            text.Append(Field(time, format[i]) is { } field ? Flagged(field, flag) : format[start..(i + 1)]);
        }

        return text.ToString();
    }

    private static string? Field(DateTime time, char code) => code switch
    {
        'a' => time.ToString("ddd", English),
        'A' => time.ToString("dddd", English),
        'b' or 'h' => time.ToString("MMM", English),
        'B' => time.ToString("MMMM", English),
        'c' => Format(time, "%a %b %e %H:%M:%S %Y"),
        'C' => (time.Year / 100).ToString("00", English),
        'd' => time.ToString("dd", English),
        'D' or 'x' => Format(time, "%m/%d/%y"),
        'e' => time.Day.ToString(English).PadLeft(2),
        'f' => time.ToString("ffffff", English),
        'F' => Format(time, "%Y-%m-%d"),
        'g' => (ISOWeek.GetYear(time) % 100).ToString("00", English),
        'G' => ISOWeek.GetYear(time).ToString(English),
        'H' => time.ToString("HH", English),
        'I' => time.ToString("hh", English),
        'j' => time.DayOfYear.ToString("000", English),
        'k' => time.Hour.ToString(English).PadLeft(2),
        'l' => time.ToString("%h", English).PadLeft(2),
        'm' => time.ToString("MM", English),
        'M' => time.ToString("mm", English),
        'n' => "\n",
        'p' => time.Hour < 12 ? "AM" : "PM",
        'P' => time.Hour < 12 ? "am" : "pm",
        'r' => Format(time, "%I:%M:%S %p"),
        'R' => Format(time, "%H:%M"),
        'S' => time.ToString("ss", English),
        't' => "\t",
        'T' or 'X' => Format(time, "%H:%M:%S"),
        'u' => (time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek).ToString(English),
        'U' => ((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7).ToString("00", English),
        'V' => ISOWeek.GetWeekOfYear(time).ToString("00", English),
        'w' => ((int)time.DayOfWeek).ToString(English),
        'W' => ((time.DayOfYear + 6 - (((int)time.DayOfWeek + 6) % 7)) / 7).ToString("00", English),
        'y' => time.ToString("yy", English),
        'Y' => time.Year.ToString(English),
        'z' or 'Z' => "",
        '%' => "%",
        _ => null,
    };

    private static string Flagged(string field, char flag)
    {
        string bare = field.TrimStart('0', ' ') is { Length: > 0 } kept ? kept : field.Length > 0 ? field[^1..] : "";
        return flag switch
        {
            '-' => bare,
            '_' => bare.PadLeft(field.Length),
            '0' => bare.PadLeft(field.Length, '0'),
            '^' => field.ToUpperInvariant(),
            _ => field,
        };
    }
}

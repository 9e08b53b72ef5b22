using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A text marked with <c>|safe</c> or made by <c>|escape</c>: what is added to it is escaped for HTML, as MarkupSafe does.</summary>
internal sealed record Markup(string Text)
{
    /// <summary>A text as HTML.</summary>
    public static string Escape(string text)
    {
        var html = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            html = c switch
            {
                '&' => html.Append("&amp;"),
                '<' => html.Append("&lt;"),
                '>' => html.Append("&gt;"),
                '\'' => html.Append("&#39;"),
                '"' => html.Append("&#34;"),
                _ => html.Append(c),
            };
        }

        return html.ToString();
    }
}

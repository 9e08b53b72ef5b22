using System.Globalization;
using OnnxLens.Cli.Rendering;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>How tokens are shown: by their text, or by their number where the model has no tokenizer.</summary>
internal sealed class TokenTexts(Tokenizer? tokenizer)
{
    /// <summary>A token's text as it goes into files.</summary>
    public string Raw(int id) => tokenizer?.Display(id) ?? id.ToString(CultureInfo.InvariantCulture);

    /// <summary>A token's text for a table: whitespace can be seen and nothing acts on the terminal.</summary>
    public string Visible(int id) => VisibleText.Of(Raw(id));
}

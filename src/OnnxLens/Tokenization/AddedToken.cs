namespace OnnxLens.Tokenization;

/// <summary>A token beside the model's vocabulary that is looked for in the text before anything else.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">A control token: left out where special tokens are skipped.</param>
/// <param name="Normalized">It is looked for, itself normalized, in the normalized text.</param>
/// <param name="StripLeft">It swallows the white space before it.</param>
/// <param name="StripRight">It swallows the white space after it.</param>
/// <param name="SingleWord">It counts only where no word character touches it.</param>
internal sealed record AddedToken(
    int Id,
    string Content,
    bool Special,
    bool Normalized = false,
    bool StripLeft = false,
    bool StripRight = false,
    bool SingleWord = false);

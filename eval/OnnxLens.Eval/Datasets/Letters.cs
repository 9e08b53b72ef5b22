namespace OnnxLens.Eval.Datasets;

/// <summary>The short name of an answer.</summary>
internal static class Letters
{
    private const int Longest = 32;
    private static readonly char[] Around = [' ', '\t', '\r', '\n', '(', ')', '[', ']', '{', '}', '"', '\'', '.', ',', ':', ';'];

    /// <summary>The answer without brackets, white space and punctuation around it: <c>A</c> of <c> (A)</c>. A longer text is cut to 32 characters.</summary>
    public static string Of(string answer)
    {
        string letter = answer.Trim(Around).ReplaceLineEndings(" ");
        if (letter.Length == 0)
            letter = answer.Trim().ReplaceLineEndings(" ");
        if (letter.Length <= Longest)
            return letter;
        int end = char.IsHighSurrogate(letter[Longest - 2]) ? Longest - 2 : Longest - 1;
        return letter[..end] + "…";
    }
}

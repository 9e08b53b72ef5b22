namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>The kinds of tokens of a template.</summary>
internal enum TokenKind
{
    /// <summary>Text outside tags.</summary>
    Data,

    /// <summary><c>{{</c></summary>
    VariableBegin,

    /// <summary><c>}}</c></summary>
    VariableEnd,

    /// <summary><c>{%</c></summary>
    BlockBegin,

    /// <summary><c>%}</c></summary>
    BlockEnd,

    /// <summary>A name or keyword.</summary>
    Name,

    /// <summary>A text in quotes.</summary>
    String,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with a fraction or exponent.</summary>
    Float,

    /// <summary>An operator or bracket.</summary>
    Operator,

    /// <summary>The end of the template.</summary>
    End,
}

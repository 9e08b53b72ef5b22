namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A part of a template that writes or assigns.</summary>
internal abstract record Statement(int Line) : Node(Line);

/// <summary>Text outside tags.</summary>
internal sealed record TextStatement(string Text, int Line) : Statement(Line);

/// <summary><c>{{ value }}</c>.</summary>
internal sealed record PrintStatement(Expression Value, int Line) : Statement(Line)
{
    public override IEnumerable<Node> Children => [Value];
}

/// <summary><c>{% set target = value %}</c>.</summary>
internal sealed record SetStatement(Expression Target, Expression Value, int Line) : Statement(Line)
{
    public override IEnumerable<Node> Children => [Value, Target];
}

/// <summary><c>{% set target | filter %}body{% endset %}</c>.</summary>
internal sealed record SetBlock(Expression Target, Expression? Filter, Body Body, int Line) : Statement(Line)
{
    public override IEnumerable<Node> Children => Filter is null ? [Target, Body] : [Target, Filter, Body];
}

/// <summary>The branches of an <c>if</c>, in order; the last may have no test.</summary>
internal sealed record IfStatement(IReadOnlyList<(Expression Test, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Otherwise, int Line) : Statement(Line)
{
    public override IEnumerable<Node> Children => [.. Branches.SelectMany(branch => branch.Body.Prepend<Node>(branch.Test)), .. Otherwise];
}

/// <summary>A loop.</summary>
internal sealed record ForStatement(Expression Target, Expression Sequence, Body? Test, bool Recursive, Body Body, Body? Otherwise, int Line) : Statement(Line)
{
    public override IEnumerable<Node> Children => [Sequence, Target, .. new[] { Test, Body, Otherwise }.OfType<Node>()];
}

/// <summary>Parameters and body of a macro or call block.</summary>
/// <param name="Parameters">Their names.</param>
/// <param name="Defaults">The values of the last of them where they are not given.</param>
/// <param name="Body">What the macro writes.</param>
/// <param name="Line">The line, from 1.</param>
internal sealed record Signature(IReadOnlyList<NameExpression> Parameters, IReadOnlyList<Expression> Defaults, Body Body, int Line) : Node(Line)
{
    public override IEnumerable<Node> Children => [.. Parameters, .. Defaults, Body];

    /// <summary>Which of <c>caller</c>, <c>kwargs</c> and <c>varargs</c> the body reads.</summary>
    public IReadOnlySet<string> Special { get; set; } = new HashSet<string>();
}

/// <summary><c>{% macro name(...) %}</c>.</summary>
internal sealed record MacroStatement(string Name, Signature Signature, int Line) : Statement(Line)
{
    public override IEnumerable<Node> Children => [Signature];
}

/// <summary><c>{% call macro(...) %}</c>.</summary>
internal sealed record CallBlock(CallExpression Call, Signature Signature, int Line) : Statement(Line)
{
    public override IEnumerable<Node> Children => [Call, Signature];
}

/// <summary><c>{% filter name %}</c>.</summary>
internal sealed record FilterBlock(Expression Filter, Body Body, int Line) : Statement(Line)
{
    public override IEnumerable<Node> Children => [Filter, Body];
}

/// <summary><c>{% with a = 1 %}</c>.</summary>
internal sealed record WithStatement(IReadOnlyList<(Expression Target, Expression Value)> Assignments, Body Body, int Line) : Statement(Line)
{
    public override IEnumerable<Node> Children => [.. Assignments.SelectMany(pair => new Node[] { pair.Value, pair.Target }), Body];
}

/// <summary><c>{% generation %}</c>, with which transformers marks what an assistant says, and <c>{% block name %}</c>.</summary>
/// <param name="Isolated">True: the body sees only what the whole template has, as a block does.</param>
/// <param name="Body">What it writes.</param>
/// <param name="Line">The line, from 1.</param>
internal sealed record BodyStatement(bool Isolated, Body Body, int Line) : Statement(Line)
{
    public override IEnumerable<Node> Children => [Body];
}

/// <summary><c>{% break %}</c> or <c>{% continue %}</c>.</summary>
internal sealed record LoopControl(Flow Flow, int Line) : Statement(Line);

/// <summary>How a body was left.</summary>
internal enum Flow
{
    /// <summary>At its end.</summary>
    End,

    /// <summary>By <c>break</c>.</summary>
    Break,

    /// <summary>By <c>continue</c>.</summary>
    Continue,
}

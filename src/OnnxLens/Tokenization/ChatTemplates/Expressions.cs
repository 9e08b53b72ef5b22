namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>A part of a template that has a value.</summary>
internal abstract record Expression(int Line) : Node(Line);

/// <summary>A literal.</summary>
internal sealed record Literal(object Value, int Line) : Expression(Line);

/// <summary>What is done with a name.</summary>
internal enum NameUse
{
    /// <summary>Its value is read.</summary>
    Load,

    /// <summary>It is assigned to.</summary>
    Store,

    /// <summary>It is a parameter or the target of a loop: it has a value from the beginning.</summary>
    Parameter,
}

/// <summary>A variable.</summary>
internal sealed record NameExpression(string Name, NameUse Use, int Line) : Expression(Line);

/// <summary><c>ns.name</c> on the left of an assignment.</summary>
internal sealed record NamespaceTarget(string Name, string Attribute, int Line) : Expression(Line);

/// <summary>A tuple; on the left of an assignment, several targets.</summary>
internal sealed record TupleExpression(IReadOnlyList<Expression> Items, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => Items;
}

/// <summary>A list.</summary>
internal sealed record ListExpression(IReadOnlyList<Expression> Items, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => Items;
}

/// <summary>A dict.</summary>
internal sealed record DictExpression(IReadOnlyList<(Expression Key, Expression Value)> Pairs, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => Pairs.SelectMany(pair => new Node[] { pair.Key, pair.Value });
}

/// <summary><c>-x</c>, <c>+x</c>, <c>not x</c>.</summary>
internal sealed record UnaryExpression(string Operator, Expression Operand, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => [Operand];
}

/// <summary>Arithmetic, <c>and</c> and <c>or</c>.</summary>
internal sealed record BinaryExpression(string Operator, Expression Left, Expression Right, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => [Left, Right];
}

/// <summary>A chain of comparisons.</summary>
internal sealed record CompareExpression(Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => Rest.Select(link => link.Operand).Prepend(First);
}

/// <summary><c>a ~ b ~ c</c>.</summary>
internal sealed record ConcatExpression(IReadOnlyList<Expression> Parts, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => Parts;
}

/// <summary><c>a if test else b</c>.</summary>
internal sealed record ConditionalExpression(Expression Test, Expression Then, Expression? Otherwise, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => Otherwise is null ? [Test, Then] : [Test, Then, Otherwise];
}

/// <summary><c>x.name</c>.</summary>
internal sealed record AttributeExpression(Expression Target, string Name, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => [Target];
}

/// <summary><c>x[index]</c>.</summary>
internal sealed record ItemExpression(Expression Target, Expression Index, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => [Target, Index];
}

/// <summary><c>start:stop:step</c> between brackets.</summary>
internal sealed record SliceExpression(Expression? Start, Expression? Stop, Expression? Step, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => new[] { Start, Stop, Step }.OfType<Node>();
}

/// <summary>The arguments of a call, filter or test.</summary>
internal sealed record ArgumentList(
    IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named, Expression? Star, Expression? DoubleStar, int Line) : Node(Line)
{
    public override IEnumerable<Node> Children => [.. Positional, .. Named.Select(argument => argument.Value), .. new[] { Star, DoubleStar }.OfType<Node>()];

    public static ArgumentList Of(int line, params Expression[] positional) => new(positional, [], null, null, line);
}

/// <summary>A call.</summary>
internal sealed record CallExpression(Expression Target, ArgumentList Arguments, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => [Target, Arguments];
}

/// <summary><c>x|name(...)</c>; without a target, of the text of a block.</summary>
internal sealed record FilterExpression(Expression? Target, string Name, ArgumentList Arguments, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => Target is null ? [Arguments] : [Target, Arguments];
}

/// <summary><c>x is name(...)</c>.</summary>
internal sealed record TestExpression(Expression Target, string Name, ArgumentList Arguments, int Line) : Expression(Line)
{
    public override IEnumerable<Node> Children => [Target, Arguments];
}

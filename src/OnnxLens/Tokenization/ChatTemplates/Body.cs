namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Statements with variables of their own.</summary>
/// <param name="Statements">The statements.</param>
/// <param name="Filter">In place of statements: the test of a loop.</param>
/// <param name="Line">The line, from 1.</param>
internal sealed record Body(IReadOnlyList<Statement> Statements, Expression? Filter, int Line) : Node(Line)
{
    public override IEnumerable<Node> Children => Filter is null ? Statements : [Filter];

    /// <summary>Its variables; set by <see cref="ScopeAnalyzer"/>.</summary>
    public Scope Scope { get; set; } = new(null);
}

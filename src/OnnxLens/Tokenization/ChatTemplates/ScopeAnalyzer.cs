namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Gives every body of a template its variables.</summary>
internal sealed class ScopeAnalyzer
{
    private const int DeepestNesting = 1000;
    private static readonly string[] SpecialParameters = ["caller", "kwargs", "varargs"];

    private readonly List<Action> _inner = [];
    private Scope _scope;
    private int _depth;

    private ScopeAnalyzer(Scope scope) => _scope = scope;

    /// <summary>Fills in the scopes of a template's body and of all bodies within it.</summary>
    /// <exception cref="TemplateFault">A loop assigns to <c>loop</c>, or an expression is a chain without end.</exception>
    public static void Analyze(Body template) => Analyze(template, null, [], []);

    // Bodies within are looked at when all names of the body around them are known.
    private static void Analyze(Body body, Scope? outer, IReadOnlyList<string> parameters, IEnumerable<Node> before)
    {
        body.Scope = new Scope(outer);
        foreach (string name in parameters)
            body.Scope.DeclareParameter(name);
        var analyzer = new ScopeAnalyzer(body.Scope);
        foreach (Node node in before.Concat(body.Children))
            analyzer.Visit(node);
        analyzer._inner.ForEach(analyze => analyze());
    }

    private void Visit(Node node)
    {
        if (++_depth > DeepestNesting)
            throw new TemplateFault($"an expression has more than {DeepestNesting} parts within each other") { Line = node.Line };
        VisitByKind(node);
        _depth--;
    }

    private void VisitByKind(Node node)
    {
        switch (node)
        {
            case NameExpression name:
                Visit(name);
                break;
            case NamespaceTarget target:
                _scope.Load(target.Name);
                break;
            case IfStatement branches:
                Visit(branches);
                break;
            case ForStatement loop:
                Visit(loop.Sequence);
                Later(() => AnalyzeLoop(loop));
                break;
            case MacroStatement macro:
                _scope.Store(macro.Name);
                Later(() => AnalyzeSignature(macro.Signature));
                break;
            case CallBlock block:
                Visit(block.Call);
                Later(() => AnalyzeSignature(block.Signature));
                break;
            case FilterBlock block:
                Visit(block.Filter);
                Later(() => Analyze(block.Body, _scope, [], [block.Filter]));
                break;
            case SetBlock block:
                Visit(block.Target);
                Later(() => Analyze(block.Body, _scope, [], block.Filter is null ? [] : [block.Filter]));
                break;
            case WithStatement with:
                foreach ((_, Expression value) in with.Assignments)
                    Visit(value);
                Later(() => Analyze(with.Body, _scope, [], with.Assignments.Select(pair => pair.Target)));
                break;
            case BodyStatement block:
                Later(() => Analyze(block.Body, block.Isolated ? null : _scope, [], []));
                break;
            default:
                foreach (Node child in node.Children)
                    Visit(child);
                break;
        }
    }

    private void Visit(NameExpression name)
    {
        if (name.Use == NameUse.Load)
            _scope.Load(name.Name);
        else if (name.Use == NameUse.Store)
            _scope.Store(name.Name);
        else
            _scope.DeclareParameter(name.Name);
    }

    private void Visit(IfStatement statement)
    {
        (Expression test, IReadOnlyList<Statement> body) = statement.Branches[0];
        Visit(test);
        Scope first = InBranch(() => VisitAll(body));
        Scope others = InBranch(() =>
        {
            foreach ((Expression otherTest, IReadOnlyList<Statement> otherBody) in statement.Branches.Skip(1))
            {
                Visit(otherTest);
                _scope.Join(InBranch(() => VisitAll(otherBody)));
            }
        });
        Scope last = InBranch(() => VisitAll(statement.Otherwise));
        _scope.Join(first, others, last);
    }

    private Scope InBranch(Action visit)
    {
        Scope original = _scope;
        Scope branch = _scope = original.Branch();
        visit();
        _scope = original;
        return branch;
    }

    private void VisitAll(IEnumerable<Node> nodes)
    {
        foreach (Node node in nodes)
            Visit(node);
    }

    // A branch's scope is a copy that is given up: what is done later belongs to the body's own.
    private void Later(Action analyze) => _inner.Add(analyze);

    private void AnalyzeLoop(ForStatement loop)
    {
        if (Find(loop, name => name.Name == "loop" && name.Use != NameUse.Load) is { } assigned)
            throw new TemplateFault("a loop assigns to 'loop', which is its own") { Line = assigned.Line };
        bool readsLoop = loop.Recursive || Find(loop.Body, name => name.Name == "loop") is not null;
        Analyze(loop.Body, _scope, readsLoop ? ["loop"] : [], [loop.Target]);
        if (loop.Test is not null)
            Analyze(loop.Test, _scope, [], [loop.Target]);
        if (loop.Otherwise is not null)
            Analyze(loop.Otherwise, _scope, [], []);
    }

    private void AnalyzeSignature(Signature signature)
    {
        HashSet<string> own = [.. signature.Parameters.Select(parameter => parameter.Name)];
        var special = SpecialParameters.Where(name => FirstUse(signature.Body, name) == NameUse.Load).ToHashSet();
        if (special.Contains("caller") && own.Contains("caller"))
        {
            int index = signature.Parameters.ToList().FindIndex(parameter => parameter.Name == "caller");
            if (index < signature.Parameters.Count - signature.Defaults.Count)
                throw new TemplateFault("the parameter 'caller' needs a default: it is what a call block gives") { Line = signature.Line };
        }

        signature.Special = special.Where(name => !own.Contains(name)).ToHashSet();
        Analyze(signature.Body, _scope, [.. signature.Special], [.. signature.Parameters, .. signature.Defaults]);
    }

    private static NameUse? FirstUse(Node node, string name) => Find(node, candidate => candidate.Name == name)?.Use;

    private static NameExpression? Find(Node node, Func<NameExpression, bool> wanted)
    {
        if (node is NameExpression name && wanted(name))
            return name;
        if (node is BodyStatement { Isolated: true })
            return null;
        return node.Children.Select(child => Find(child, wanted)).FirstOrDefault(found => found is not null);
    }
}

using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Runs a parsed template once.</summary>
internal sealed partial class Evaluator
{
    private readonly Dictionary<string, object> _variables;
    private readonly PyRuntime _python;
    private readonly Filters _filters;
    private readonly Tests _tests;

    /// <summary>Prepares a run.</summary>
    /// <param name="python">Its language and budget.</param>
    /// <param name="variables">The variables that the template is given. Those it sets itself are added.</param>
    public Evaluator(PyRuntime python, Dictionary<string, object> variables)
    {
        _python = python;
        _variables = variables;
        _tests = new Tests(python);
        _filters = new Filters(python, _tests);
    }

    /// <summary>The line of what was last begun.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>The text of the template.</summary>
    public string Run(Body template)
    {
        var output = new StringBuilder();
        Run(template.Statements, new Frame(template.Scope, null, _variables) { IsTemplate = true }, output);
        return output.ToString();
    }

    private Flow Run(IReadOnlyList<Statement> statements, Frame frame, StringBuilder output)
    {
        foreach (Statement statement in statements)
        {
            Line = statement.Line;
            _python.Budget.Step();
            Flow flow = Run(statement, frame, output);
            if (flow != Flow.End)
                return flow;
        }

        return Flow.End;
    }

    private Flow Run(Statement statement, Frame frame, StringBuilder output)
    {
        switch (statement)
        {
            case TextStatement text:
                Write(text.Text, output);
                return Flow.End;
            case PrintStatement print:
                Write(_python.Str(Value(print.Value, frame)), output);
                return Flow.End;
            case SetStatement set:
                RequireNamespaces(set.Target, frame);
                Assign(set.Target, Value(set.Value, frame), frame);
                return Flow.End;
            case IfStatement branches:
                return Run(branches, frame, output);
            case ForStatement loop:
                RunLoop(loop, frame, output);
                return Flow.End;
            case MacroStatement macro:
                SetVariable(macro.Name, new Macro(macro.Name, macro.Signature, frame), frame);
                return Flow.End;
            case CallBlock block:
                var caller = new Macro(null, block.Signature, frame);
                Write(_python.Str(Call(block.Call, frame, caller)), output);
                return Flow.End;
            case SetBlock block:
                return RunCaptured(block.Body, block.Filter, frame, text => Assign(block.Target, text, frame));
            case FilterBlock block:
                return RunCaptured(block.Body, block.Filter, frame, text => Write(_python.Str(text), output));
            case WithStatement with:
                return RunWith(with, frame, output);
            case BodyStatement block:
                return Run(block.Body.Statements, Enter(block.Body, block.Isolated ? null : frame), output);
            default:
                return ((LoopControl)statement).Flow;
        }
    }

    private Frame Enter(Body body, Frame? outer) => new(body.Scope, outer, _variables);

    private void Write(string text, StringBuilder output)
    {
        Budget.CheckText((long)output.Length + text.Length);
        _python.Budget.Spend(text.Length);
        output.Append(text);
    }

    private Flow Run(IfStatement statement, Frame frame, StringBuilder output)
    {
        foreach ((Expression test, IReadOnlyList<Statement> body) in statement.Branches)
        {
            if (Sequences.IsTrue(Value(test, frame)))
                return Run(body, frame, output);
        }

        return Run(statement.Otherwise, frame, output);
    }

    // break and continue leave the capture, and what it was for is not done.
    private Flow RunCaptured(Body body, Expression? filter, Frame frame, Action<object> use)
    {
        Frame inner = Enter(body, frame);
        var captured = new StringBuilder();
        Flow flow = Run(body.Statements, inner, captured);
        if (flow == Flow.End)
            use(filter is null ? captured.ToString() : FilterBlockText((FilterExpression)filter, inner, captured.ToString()));
        return flow;
    }

    private Flow RunWith(WithStatement statement, Frame frame, StringBuilder output)
    {
        Frame inner = Enter(statement.Body, frame);
        foreach ((Expression target, Expression value) in statement.Assignments)
            Assign(target, Value(value, frame), inner);
        return Run(statement.Body.Statements, inner, output);
    }

    private void RunLoop(ForStatement loop, Frame frame, StringBuilder output) =>
        RunLoop(loop, Value(loop.Sequence, frame), 0, frame, output);

    private void RunLoop(ForStatement loop, object sequence, int depth, Frame frame, StringBuilder output)
    {
        IEnumerable<object> items = _python.Sequences.Iterate(sequence);
        int? length = sequence is Generator ? null : Sequences.TryLength(sequence);
        if (loop.Test is not null)
            (items, length) = (Filtered(loop, items, Enter(loop.Test, frame)), null);
        var state = new LoopState(items, length, depth, loop.Recursive ? (inner, innerDepth) => Recurse(loop, inner, innerDepth, frame) : null, _python);
        bool completed = false;
        while (state.Next() is { } item)
        {
            Frame inner = Enter(loop.Body, frame);
            if (loop.Body.Scope.Variables.ContainsKey("loop"))
                inner.Set("loop", state);
            Assign(loop.Target, item, inner);
            Flow flow = Run(loop.Body.Statements, inner, output);
            completed |= flow == Flow.End;
            if (flow == Flow.Break)
                break;
        }

        // As Jinja compiles it: the else part runs unless a body came to its end.
        if (!completed && loop.Otherwise is not null)
            Run(loop.Otherwise.Statements, Enter(loop.Otherwise, frame), output);
    }

    private IEnumerable<object> Filtered(ForStatement loop, IEnumerable<object> items, Frame frame)
    {
        foreach (object item in items)
        {
            Assign(loop.Target, item, frame);
            if (Sequences.IsTrue(Value(loop.Test!.Filter!, frame)))
                yield return item;
        }
    }

    private string Recurse(ForStatement loop, object sequence, int depth, Frame frame)
    {
        _python.Budget.EnterCall();
        var output = new StringBuilder();
        RunLoop(loop, sequence, depth, frame, output);
        _python.Budget.LeaveCall();
        return output.ToString();
    }

    private void Assign(Expression target, object value, Frame frame)
    {
        switch (target)
        {
            case NameExpression name:
                SetVariable(name.Name, value, frame);
                break;
            case NamespaceTarget attribute:
                ((Namespace)frame.Find(attribute.Name)!).Attributes[attribute.Attribute] = value;
                break;
            case TupleExpression tuple:
                IReadOnlyList<object> items = Unpacked(value, tuple.Items.Count);
                for (int i = 0; i < items.Count; i++)
                    Assign(tuple.Items[i], items[i], frame);
                break;
        }
    }

    private IReadOnlyList<object> Unpacked(object value, int expected)
    {
        if (!Sequences.IsIterable(value))
            throw new TemplateFault($"cannot unpack non-iterable {TypeNames.Of(value)} object");
        IReadOnlyList<object> items = _python.Sequences.ToList(value).Items;
        return items.Count == expected ? items : throw new TemplateFault(items.Count > expected
            ? $"too many values to unpack (expected {expected})"
            : $"not enough values to unpack (expected {expected}, got {items.Count})");
    }

    private void SetVariable(string name, object value, Frame frame)
    {
        frame.Set(name, value);
        if (frame.IsTemplate)
            _variables[name] = value;
    }

    private static void RequireNamespaces(Expression target, Frame frame)
    {
        if (target is NamespaceTarget attribute && frame.Find(attribute.Name) is not Namespace)
            throw new TemplateFault("cannot assign attribute on non-namespace object");
        if (target is TupleExpression tuple)
        {
            foreach (Expression item in tuple.Items)
                RequireNamespaces(item, frame);
        }
    }
}

using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

internal sealed partial class Evaluator
{
    private object Value(Expression expression, Frame frame)
    {
        Line = expression.Line;
        _python.Budget.Step();
        switch (expression)
        {
            case Literal literal:
                return literal.Value;
            case NameExpression name:
                return frame.Find(name.Name) ?? new Undefined($"'{name.Name}' is undefined");
            case AttributeExpression attribute:
                return _python.Attributes.Get(Value(attribute.Target, frame), attribute.Name);
            case ItemExpression { Index: SliceExpression slice } item:
                return Slice(Value(item.Target, frame), slice, frame);
            case ItemExpression item:
                return _python.Attributes.Item(Value(item.Target, frame), Value(item.Index, frame));
            case CallExpression call:
                return Call(call, frame, null);
            case FilterExpression filter:
                return Filter(filter, frame, Value(filter.Target!, frame));
            case TestExpression test:
                return _tests.Run(test.Name, Value(test.Target, frame), Arguments(test.Arguments, frame));
            case BinaryExpression { Operator: "and" } both:
                return Value(both.Left, frame) is var left && Sequences.IsTrue(left) ? Value(both.Right, frame) : left;
            case BinaryExpression { Operator: "or" } either:
                return Value(either.Left, frame) is var first && Sequences.IsTrue(first) ? first : Value(either.Right, frame);
            case BinaryExpression binary:
                return _python.Operators.Binary(binary.Operator, Value(binary.Left, frame), Value(binary.Right, frame));
            case UnaryExpression { Operator: "not" } not:
                return !Sequences.IsTrue(Value(not.Operand, frame));
            case UnaryExpression unary:
                return Operators.Unary(unary.Operator, Value(unary.Operand, frame));
            case CompareExpression compare:
                return Compare(compare, frame);
            case ConcatExpression concat:
                return Concat(concat, frame);
            case ConditionalExpression conditional:
                return Conditional(conditional, frame);
            case TupleExpression tuple:
                return new PyTuple(Values(tuple.Items, frame));
            case ListExpression list:
                return new PyList(Values(list.Items, frame));
            case DictExpression dict:
                return Dict(dict, frame);
            default:
                throw new TemplateFault("a slice stands where only an index can");
        }
    }

    private List<object> Values(IReadOnlyList<Expression> expressions, Frame frame) => [.. expressions.Select(expression => Value(expression, frame))];

    private object Slice(object target, SliceExpression slice, Frame frame)
    {
        return _python.Sequences.Slice(target, Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step));

        object Bound(Expression? bound) => bound is null ? None.Value : Value(bound, frame);
    }

    private bool Compare(CompareExpression compare, Frame frame)
    {
        object left = Value(compare.First, frame);
        foreach ((string symbol, Expression operand) in compare.Rest)
        {
            object right = Value(operand, frame);
            if (!_python.Operators.Compare(symbol, left, right))
                return false;
            left = right;
        }

        return true;
    }

    private string Concat(ConcatExpression concat, Frame frame)
    {
        var text = new StringBuilder();
        foreach (Expression part in concat.Parts)
            Write(_python.Str(Value(part, frame)), text);
        return text.ToString();
    }

    private object Conditional(ConditionalExpression conditional, Frame frame)
    {
        if (Sequences.IsTrue(Value(conditional.Test, frame)))
            return Value(conditional.Then, frame);
        return conditional.Otherwise is null
            ? new Undefined("the inline if-expression evaluated to false and no else section was defined.")
            : Value(conditional.Otherwise, frame);
    }

    private PyDict Dict(DictExpression expression, Frame frame)
    {
        PyDict dict = _python.NewDict();
        foreach ((Expression key, Expression value) in expression.Pairs)
            dict[Value(key, frame)] = Value(value, frame);
        return dict;
    }

    private object Filter(FilterExpression filter, Frame frame, object value)
    {
        CallArguments arguments = Arguments(filter.Arguments, frame);
        Line = filter.Line;
        return _filters.Run(filter.Name, value, arguments);
    }

    // The filters of a block: the innermost has no target, and is given the block's text.
    private object FilterBlockText(FilterExpression filter, Frame frame, string text) =>
        Filter(filter, frame, filter.Target is FilterExpression inner ? FilterBlockText(inner, frame, text) : text);

    private CallArguments Arguments(ArgumentList list, Frame frame)
    {
        if (list.Positional.Count == 0 && list.Named.Count == 0 && list.Star is null && list.DoubleStar is null)
            return CallArguments.Empty;
        List<object> positional = Values(list.Positional, frame);
        List<KeyValuePair<string, object>> named = [.. list.Named.Select(argument => KeyValuePair.Create(argument.Name, Value(argument.Value, frame)))];
        if (list.Star is not null)
            positional.AddRange(_python.Sequences.ToList(Value(list.Star, frame)).Items);
        if (list.DoubleStar is not null)
        {
            if (Value(list.DoubleStar, frame) is not PyDict dict)
                throw new TemplateFault("argument after ** must be a mapping");
            named.AddRange(dict.Entries.Select(entry => KeyValuePair.Create(CallArguments.Text(entry.Key), entry.Value)));
        }

        string? twice = named.GroupBy(argument => argument.Key).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null ? new CallArguments(positional, named) : throw new TemplateFault($"got multiple values for keyword argument '{twice}'");
    }

    private object Call(CallExpression call, Frame frame, Macro? caller)
    {
        object target = Value(call.Target, frame);
        CallArguments arguments = Arguments(call.Arguments, frame);
        if (caller is not null)
            arguments = new CallArguments(arguments.Positional, [.. arguments.Named, KeyValuePair.Create<string, object>("caller", caller)]);
        Line = call.Line;
        return target switch
        {
            Callable callable => callable.Invoke(arguments),
            Macro macro => Run(macro, arguments),
            LoopState loop => loop.Call(arguments),
            Undefined undefined => throw undefined.Fault(),
            _ => throw new TemplateFault($"'{TypeNames.Of(target)}' object is not callable"),
        };
    }

    private string Run(Macro macro, CallArguments arguments)
    {
        _python.Budget.EnterCall();
        Signature signature = macro.Signature;
        Frame frame = Enter(signature.Body, macro.Around);
        macro.Bind(arguments, frame, _python);
        int required = signature.Parameters.Count - signature.Defaults.Count;
        for (int i = 0; i < signature.Parameters.Count; i++)
        {
            string name = signature.Parameters[i].Name;
            if (frame.Find(name) is null)
                frame.Set(name, i < required ? new Undefined($"parameter '{name}' was not provided") : Value(signature.Defaults[i - required], frame));
        }

        var output = new StringBuilder();
        Run(signature.Body.Statements, frame, output);
        _python.Budget.LeaveCall();
        return output.ToString();
    }
}

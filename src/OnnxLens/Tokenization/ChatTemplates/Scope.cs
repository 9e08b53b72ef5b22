namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Where a variable of a body gets its value from when the body is entered.</summary>
internal enum Origin
{
    /// <summary>From whoever enters it.</summary>
    Parameter,

    /// <summary>From the variables of the whole template.</summary>
    Template,

    /// <summary>From the variable of the same name around the body.</summary>
    Outer,

    /// <summary>It has none before it is assigned.</summary>
    Nowhere,
}

/// <summary>
/// The variables of a body, found before anything runs: a body that assigns to a name has a variable of its own
/// by that name from its beginning, whatever a body around it has.
/// </summary>
/// <remarks>The rules are those of Jinja's identifier tracking, down to what a branch that may not run does to a name.</remarks>
internal sealed class Scope(Scope? outer)
{
    private readonly HashSet<string> _stored = [];

    /// <summary>The body's own variables.</summary>
    public Dictionary<string, Origin> Variables { get; } = [];

    public void Load(string name)
    {
        if (!Knows(name))
            Variables[name] = Origin.Template;
    }

    public void Store(string name)
    {
        _stored.Add(name);
        if (!Variables.ContainsKey(name))
            Variables[name] = outer is not null && outer.Knows(name) ? Origin.Outer : Origin.Nowhere;
    }

    public void DeclareParameter(string name)
    {
        _stored.Add(name);
        Variables[name] = Origin.Parameter;
    }

    /// <summary>A copy in which a branch is tried.</summary>
    public Scope Branch()
    {
        var branch = new Scope(outer);
        branch.Take(this);
        return branch;
    }

    /// <summary>Takes over what branches did: a name that one of them assigned may still have its earlier value.</summary>
    public void Join(params Scope[] branches)
    {
        string[] stored = [.. branches.SelectMany(branch => branch._stored).Distinct().Where(name => !_stored.Contains(name))];
        foreach (Scope branch in branches)
            Take(branch);
        foreach (string name in stored)
            Variables[name] = outer is not null && outer.Knows(name) ? Origin.Outer : Origin.Template;
    }

    private bool Knows(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Around)
        {
            if (scope.Variables.ContainsKey(name))
                return true;
        }

        return false;
    }

    private Scope? Around => outer;

    private void Take(Scope other)
    {
        foreach ((string name, Origin origin) in other.Variables)
            Variables[name] = origin;
        _stored.UnionWith(other._stored);
    }
}

using System.Collections.Immutable;
using System.CommandLine;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Commands;

/// <summary>The options of <c>info</c> that ask what a lens of some length would take.</summary>
internal sealed class MemoryPlanOptionSet
{
    private readonly Option<bool> _plan = Options.Switch("--plan", "Print what a lens run takes beyond the weights, by part, in place of everything else. For bundles.");
    private readonly Option<int?> _length = Options.Count("--length", "With --plan: positions of the run, those generated counted. Default: the longest that the bundle runs.");
    private readonly Option<int?> _prompt = Options.Count("--prompt-length", "With --plan: positions of its prompt. Default: all of them.");
    private readonly Option<string?> _sites = Options.Text("--sites", "LIST", "With --plan: sites decoded, as in 'lens'. Default: resid_post.");
    private readonly Option<string?> _layers = Options.Text("--layers", "LIST", "With --plan: layers decoded, as in 'lens'. Default: all.");
    private readonly MemoryBudgetOption _budget = new();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _plan, _length, _prompt, _sites, _layers })
        {
            command.Add(option);
        }

        _budget.AddTo(command);
    }

    /// <summary>True where a plan is asked for.</summary>
    /// <exception cref="UsageException">It is not, and an option says how.</exception>
    public bool IsAsked(ParseResult parsed)
    {
        bool asked = parsed.GetValue(_plan);
        bool said = parsed.GetValue(_length) is not null || parsed.GetValue(_prompt) is not null || parsed.GetValue(_sites) is not null || parsed.GetValue(_layers) is not null || _budget.Read(parsed) is not null;
        return asked || !said ? asked : throw new UsageException("--length, --prompt-length, --sites, --layers and --memory-budget say what --plan is for. Give --plan too.");
    }

    /// <summary>Plans.</summary>
    /// <exception cref="SelectionException">The run does not fit the bundle or the budget.</exception>
    /// <exception cref="UsageException">An option has no such form, or the prompt is longer than the run.</exception>
    public MemoryPlan Make(ParseResult parsed, LensBundle bundle)
    {
        ModelFacts facts = bundle.Manifest.Model;
        int length = parsed.GetValue(_length) ?? facts.MaxLength;
        int prompt = parsed.GetValue(_prompt) ?? length;
        if (prompt > length)
        {
            throw new UsageException($"--prompt-length {prompt} is more than --length {length}, of which it is a part.");
        }

        Models.Lengths.Require(facts, length, 0);
        ImmutableArray<Site> sites = parsed.GetValue(_sites) is string list ? UsageException.OfOption(() => SiteSelection.Parse(list)) : [Site.ResidPost];
        ImmutableArray<HookPoint> points = HookSpec.Points(sites, LayerSelection.Resolve(parsed.GetValue(_layers) ?? "all", facts.Layers));
        var needs = new MemoryNeeds
        {
            PromptLength = prompt,
            Length = length,
            CapturedPoints = MemoryNeeds.Stored(points, facts),
            Cells = (long)points.Length * length,
        };
        return MemoryPlan.Make(bundle, needs, [], _budget.Read(parsed));
    }
}

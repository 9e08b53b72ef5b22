using System.CommandLine;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Commands;

/// <summary>The options of commands that run a model: how it is opened.</summary>
/// <param name="isPlanned">As <see cref="MemoryBudgetOption"/>.</param>
internal sealed class ModelOptionSet(bool isPlanned = true)
{
    private static readonly LensModelOptions Defaults = new();

    private readonly Option<string?> _devices = Options.Text("--devices", "LIST", "Devices of the shards with commas, one for all or one for each: cpu, cuda:0. Default: what the bundle was exported for.");
    private readonly Option<string?> _library = Options.ProviderLibrary();
    private readonly Option<int?> _threads = Options.Count("--threads", "Threads of each shard; 0 is one per core (default).", least: 0, most: LensModelOptions.MostThreads);
    private readonly MemoryBudgetOption _budget = new(isPlanned);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_devices);
        command.Add(_library);
        command.Add(_threads);
        _budget.AddTo(command);
    }

    /// <summary>Reads them. Of a budget of memory, half is for calls of the LM head, unless a plan says better.</summary>
    /// <exception cref="UsageException">A device has no such form.</exception>
    public LensModelOptions Read(ParseResult parsed) => Defaults with
    {
        Devices = parsed.GetValue(_devices) is string list ? [.. UsageException.OfOption(() => Device.ParseList(list))] : [],
        ProviderLibrary = parsed.GetValue(_library),
        Threads = parsed.GetValue(_threads) ?? Defaults.Threads,
        HeadMemoryBytes = _budget.Read(parsed) is long budget ? Math.Max(1, Math.Min(budget / 2, Defaults.HeadMemoryBytes)) : Defaults.HeadMemoryBytes,
    };

    /// <summary>Bytes that a run may take beyond the weights, where they were given.</summary>
    /// <exception cref="UsageException">The text is no size.</exception>
    public long? ReadBudget(ParseResult parsed) => _budget.Read(parsed);
}

using System.CommandLine;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Export;
using OnnxLens.Export.Planning;

namespace OnnxLens.Cli.Commands;

/// <summary>The options of an export that only plans.</summary>
internal sealed class DryRunOptionSet
{
    private const string Name = "--dry-run";
    private const double BytesPerGigabyte = 1e9;

    private readonly Option<bool> _dryRun = Options.Switch(Name, "Write nothing: print the shards, and what weights, KV cache, captures and LM head take. config.json alone is enough.");
    private readonly Option<double?> _deviceMemory = Options.Amount("--device-memory", "GB", $"{Name}: what one device holds, in 10^9 bytes; says whether the shards fit, one on each, and how many devices are needed.");
    private readonly Option<double?> _bandwidth = Options.Amount("--bandwidth", "GB/S", $"{Name}: memory bandwidth of one device, in 10^9 bytes a second; gives the least time of a decode step.");
    private readonly Option<bool> _json = Options.Switch("--json", $"{Name}: print the plan as JSON.");

    private IEnumerable<Option> Details => [_deviceMemory, _bandwidth, _json];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_dryRun);
        foreach (Option option in Details)
        {
            command.Add(option);
        }
    }

    /// <summary>True where only a plan is asked for.</summary>
    /// <exception cref="UsageException">An option belongs to a plan, and none is asked for.</exception>
    public bool IsAskedFor(ParseResult parsed)
    {
        bool asked = parsed.GetValue(_dryRun);
        string? given = asked ? null : Details.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false })?.Name;
        return given is null ? asked : throw new UsageException($"'{given}' belongs to a plan, and none is asked for. Add '{Name}', or leave it out.");
    }

    /// <summary>Plans and prints.</summary>
    /// <param name="host">Where to print.</param>
    /// <param name="checkpoint">The folder that holds config.json.</param>
    /// <param name="options">The export.</param>
    /// <param name="quiet">True where notes are not wanted.</param>
    /// <param name="parsed">The command line.</param>
    public void Run(CliHost host, string checkpoint, ExportOptions options, bool quiet, ParseResult parsed)
    {
        var report = PlanReport.Of(ExportPlanner.Read(checkpoint, options), Bytes(parsed.GetValue(_deviceMemory)), Bytes(parsed.GetValue(_bandwidth)));
        if (parsed.GetValue(_json))
        {
            PlanJson.Write(host.Out, report);
        }
        else
        {
            PlanPrinter.Print(host, report);
        }

        foreach (string note in quiet ? [] : report.Plan.Notes)
        {
            host.Note($"note: {note}");
        }
    }

    private static long? Bytes(double? gigabytes) => gigabytes is double amount ? (long)Math.Round(amount * BytesPerGigabyte) : null;
}

using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Bundling;
using OnnxLens.Export.Families;
using OnnxLens.Export.Instrument.Checking;
using OnnxLens.Export.Instrument.Cutting;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Export.Instrument.Folders;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Instrument;

/// <summary>Turns an ONNX decoder that another program exported into a lens bundle: finds the residual stream, names every site, puts steering inputs in, and cuts it.</summary>
public static class BundleInstrumenter
{
    /// <summary>The inputs of GroupQueryAttention from which on it norms each head, which only other devices do.</summary>
    private const int NormsOfHeads = 14;

    /// <summary>Instruments.</summary>
    /// <param name="source">A folder with an ONNX decoder, or its .onnx file. It is only read.</param>
    /// <param name="target">The bundle's folder; must not exist. It appears whole, checked against the graph, or not at all.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Stops; nothing is left behind.</param>
    /// <exception cref="CheckpointException">The folder is incomplete or contradicts itself.</exception>
    /// <exception cref="UnsupportedArchitectureException">A part of a decoder was not found in the graph.</exception>
    /// <exception cref="SelectionException">An option does not fit the graph.</exception>
    /// <exception cref="TokenizerException">The tokenizer beside it belongs to another model.</exception>
    /// <exception cref="OutputException">The target exists, or cannot be written.</exception>
    /// <exception cref="InferenceException">ONNX Runtime refuses the graph, a device is not to be had, or the check failed.</exception>
    public static ExportReport Instrument(
        string source, string target, InstrumentOptions? options = null, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(target);
        options ??= new InstrumentOptions();
        string bundle = BundleFolder.Free(target);
        if (options.ProviderLibrary is string library)
        {
            CudaProvider.Load(library);
        }

        progress?.Report("reading the graph");
        OnnxFolder folder = ModelCompleter.Complete(OnnxFolderReader.Read(source), options.Embedding, options.LmHead);
        Anatomy anatomy = AnatomyFinder.Find(folder.Model);
        RequireComplete(anatomy, folder);
        progress?.Report("loading the graph");
        Loaded loaded = Load(folder, anatomy, options, cancellation);
        (ModelFacts facts, string? whyNotRun) = (loaded.Facts, loaded.WhyNotRun);
        using GraphLook look = loaded.Look;
        ElementType type = look.Type;
        string? misfit = TokenizerCheck.Misfit(folder.Path, facts.VocabularySize); // As it came: such ids are refused when they are used.
        CacheForm cache = loaded.Cache with
        {
            SingleSteps = whyNotRun is null && !ChunkTrial.Runs(look.Probe!, anatomy, facts, loaded.Cache, cancellation),
            SingleRow = TakesOneRow(anatomy),
        };
        Device usual = whyNotRun is null ? look.Device : Device.Parse("cuda:0");
        ImmutableArray<Device> devices = ShardDevices.Of(options.Shards, options.Devices, usual, anatomy.Layers);
        if (whyNotRun is null)
        {
            new DevicePlacement(devices, devices[^1]).EnsureAvailable(options.ProviderLibrary); // Where the bundle is checked.
        }

        Expectations? expected = whyNotRun is null ? Expectations.Record(look, anatomy, facts, cache, options.CheckTokens, cancellation) : null;
        look.Dispose(); // The bundle's sessions take its place in memory.
        return BundleFolder.Fill(bundle, temporary =>
        {
            progress?.Report("cutting the graph");
            var writer = new InstrumentWriter(folder, anatomy, type, temporary, cancellation);
            (BundleManifest manifest, IReadOnlyList<string> notes) = writer.Write(facts, cache, devices, options.Weights);
            string check = $"not run, and so not checked: {whyNotRun}";
            LensBundle written = LensBundle.Open(temporary);
            if (expected is not null)
            {
                progress?.Report("checking the bundle against the graph");
                check = SelfCheck.Run(expected, anatomy, written, cancellation);
            }

            cancellation.ThrowIfCancellationRequested();
            string? given = options.Embedding is null && options.LmHead is null ? null : "The embedding or LM head that was given is taken as it is: the check cannot tell whether it is the one that the graph was trained with.";
            return new ExportReport(bundle, manifest, writer.BytesWritten, [check, .. new[] { given, misfit }.OfType<string>(), .. notes]);
        });
    }

    /// <summary>True where a path is an ONNX file, or a folder that holds one and is no lens bundle.</summary>
    public static bool IsOnnx(string path) => !LensBundle.Exists(path) && OnnxFolderReader.Holds(path);

    /// <summary>Finds what <see cref="Instrument"/> would, and writes nothing.</summary>
    /// <param name="source">A folder with an ONNX decoder, or its .onnx file.</param>
    /// <inheritdoc cref="Instrument" path="/exception"/>
    public static OnnxDescription Describe(string source)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        OnnxFolder folder = OnnxFolderReader.Read(source);
        Anatomy anatomy = AnatomyFinder.Find(folder.Model);
        using GraphLook look = GraphLook.At(folder, anatomy);
        (ModelFacts facts, CacheForm cache) = new FactsFinder(anatomy, folder).Find(null, look.Heads);
        return new OnnxDescription
        {
            Folder = folder.Path,
            Graph = folder.Name,
            Producer = $"{folder.Model.ProducerName} {folder.Model.ProducerVersion}".Trim(),
            Opset = OpsetFit.VersionOf(folder.Model),
            Model = facts,
            Precision = Precisions.Name(look.Type),
            Quantization = Quantizations.Of(folder.Model),
            Parameters = new LayerWeights(anatomy).Parameters(),
            Cache = cache,
            Inputs = [(anatomy.Stream.TokenInput, anatomy.Stream.HasEmbedding ? "token ids" : "embeddings"), .. anatomy.Ports.OrderBy(port => port.Key).Select(port => (port.Value, RoleText(port.Key)))],
            Sites = [.. anatomy.Sites()],
            HeadOutput = anatomy.Stream.Head.Output,
            HasEmbedding = anatomy.Stream.HasEmbedding,
            HasLmHead = anatomy.Stream.Head.Linear is not null,
            WhyNotRun = look.WhyNotRun ?? WhyNoKernel(anatomy),
            WeightFiles = [.. folder.WeightFiles.Keys],
        };
    }

    private static string RoleText(PortRole role) => role switch
    {
        PortRole.PositionIds => "positions",
        PortRole.AttentionMask => "mask",
        PortRole.SeqLensK => "lengths less one",
        PortRole.TotalSequenceLength => "longest length",
        PortRole.WriteIndices => "write indices",
        PortRole.ValidLengths => "lengths",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "Unknown role."),
    };

    /// <summary>Whether an input's batch is fixed at 1.</summary>
    private static bool TakesOneRow(Anatomy anatomy) =>
        anatomy.Ports.Values.Concat(anatomy.PastInputs).Append(anatomy.Stream.TokenInput)
            .Select(input => anatomy.Flow.View.TypeOf(input)?.TensorType?.Shape?.Dim)
            .Any(axes => axes is { Count: > 1 } && axes[0].DimValue == 1);

    /// <summary>Refuses a graph without embedding or unembedding.</summary>
    private static void RequireComplete(Anatomy anatomy, OnnxFolder folder)
    {
        if (!anatomy.Stream.HasEmbedding)
        {
            throw new UnsupportedArchitectureException(
                $"The graph '{folder.Name}' takes embeddings, at its input '{anatomy.Stream.TokenInput}', and has no embedding of its own. Give that of the checkpoint it was exported from: '--embedding path/to/model.safetensors'.");
        }

        if (anatomy.Stream.Head.Linear is null)
        {
            throw new UnsupportedArchitectureException(
                $"The graph '{folder.Name}' ends with the final norm, at its output '{anatomy.Stream.Head.Output}', and has no unembedding, without which there is no lens. Give that of the checkpoint it was exported from: '--lm-head path/to/model.safetensors'.");
        }
    }

    /// <summary>Loads the graph on the one CUDA device that is asked for, where it is there; else on the CPU, and where that cannot run it and no device is asked for, on the first CUDA device there is.</summary>
    private static Loaded Load(OnnxFolder folder, Anatomy anatomy, InstrumentOptions options, CancellationToken cancellation)
    {
        // Over several devices the shards may be more than one of them holds.
        if (options.Devices.Distinct().ToArray() is [{ Kind: DeviceKind.Cuda } asked] && CudaDevices().Contains(asked))
        {
            return LoadOn(asked, folder, anatomy, options, cancellation);
        }

        Loaded loaded = LoadOn(Device.Cpu, folder, anatomy, options, cancellation);
        if (loaded.WhyNotRun is null || !options.Devices.IsEmpty || CudaDevices() is not [Device first, ..])
        {
            return loaded;
        }

        loaded.Look.Dispose();
        try
        {
            return LoadOn(first, folder, anatomy, options, cancellation);
        }
        catch (InferenceException)
        {
            return LoadOn(Device.Cpu, folder, anatomy, options, cancellation); // It is instrumented as where there is no such device.
        }
    }

    /// <summary>The CUDA devices of this machine; none where the provider beside the program cannot be loaded.</summary>
    private static ImmutableArray<Device> CudaDevices()
    {
        try
        {
            return [.. CudaProvider.DeviceIds().Select(id => new Device(DeviceKind.Cuda, id))];
        }
        catch (InferenceException)
        {
            return [];
        }
    }

    private static Loaded LoadOn(Device device, OnnxFolder folder, Anatomy anatomy, InstrumentOptions options, CancellationToken cancellation)
    {
        GraphLook look = GraphLook.At(folder, anatomy, device);
        try
        {
            (ModelFacts facts, CacheForm cache) = new FactsFinder(anatomy, folder).Find(options.MaxLength, look.Heads);
            return new Loaded(look, facts, cache, look.WhyNotRun ?? Try(look, anatomy, facts, cache, cancellation));
        }
        catch
        {
            look.Dispose();
            throw;
        }
    }

    /// <summary>Runs one token: some operators load and have no kernel for the form in which they are used. Returns why it cannot be run, or null.</summary>
    private static string? Try(GraphLook look, Anatomy anatomy, ModelFacts facts, CacheForm cache, CancellationToken cancellation)
    {
        if (look.Device == Device.Cpu && WhyNoKernel(anatomy) is string reason)
        {
            return reason;
        }

        try
        {
            new ReferenceRun(look.Probe!, anatomy, facts, cache, 1).Run([0], cancellation);
            return null;
        }
        catch (KernelMissingException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>What loads on the CPU and is known not to run there, or null.</summary>
    private static string? WhyNoKernel(Anatomy anatomy)
    {
        NodeProto? node = anatomy.Flow.View.Graph.Node.FirstOrDefault(node => node.OpType == "GroupQueryAttention" && node.Input.Skip(NormsOfHeads).Any(input => input.Length > 0));
        return node is null ? null : $"{Nodes.Describe(node)} norms queries and keys itself, for which the CPU has no kernel";
    }

    /// <summary>A graph, and what is known once it is loaded.</summary>
    private sealed record Loaded(GraphLook Look, ModelFacts Facts, CacheForm Cache, string? WhyNotRun);
}

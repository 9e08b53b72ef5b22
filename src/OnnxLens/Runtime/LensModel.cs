using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Branches;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Head;
using OnnxLens.Runtime.Native;
using OnnxLens.Runtime.Operators;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime;

/// <summary>
/// An opened bundle: one session per shard on its device, and one LM-head session for sampling and lens alike.
/// Owns the sessions, every <see cref="ModelRun"/> begun from it, and on the CPU the memory of captures between runs.
/// </summary>
/// <remarks>
/// One thread at a time may run it; <see cref="Dispose"/> may come from any. <see cref="Lens.LensBatch"/> runs several batches at once
/// on threads of its own: each shard takes one after the other.
/// </remarks>
public sealed class LensModel : IDisposable
{
    private const int MostReplicas = 16;

    private readonly ImmutableArray<ShardSession> _shards;
    private readonly HashSet<ModelRun> _runs = [];
    private readonly DevicePool _captures = new(exact: true);
    private readonly LensModelOptions _options;
    private readonly ElementType _type;
    private bool _disposed;

    private LensModel(LensBundle bundle, LensModelOptions options, DevicePlacement placement, SessionSet sessions)
    {
        Bundle = bundle;
        Placement = placement;
        Head = sessions.Head;
        _options = options;
        _shards = sessions.Shards;
        Branching = options.Branching == Branching.Shared && !_shards.All(shard => shard.Branches is not null) ? Branching.Replicated : options.Branching;
        MaxBranches = Branching == Branching.Replicated ? Math.Min(options.MaxBranches, MostReplicas) : options.MaxBranches;
        _type = TensorTypes.FromPrecision(bundle.Manifest.Precision);
    }

    /// <summary>The bundle.</summary>
    public LensBundle Bundle { get; }

    /// <summary>The model's sizes.</summary>
    public ModelFacts Facts => Bundle.Manifest.Model;

    /// <summary>Which device each shard and the head run on.</summary>
    public DevicePlacement Placement { get; }

    /// <summary>How continuations of one prefix are run.</summary>
    public Branching Branching { get; }

    /// <summary>Branches of one step at most.</summary>
    public int MaxBranches { get; }

    /// <summary>How it was opened.</summary>
    internal LensModelOptions Options => _options;

    /// <summary>True where prompts of different lengths run together: only a shared cache takes them, a ring does not, and some graphs take one row.</summary>
    internal bool RowsRunTogether => Bundle.Manifest.Cache is { Kind: CacheKind.Shared, SingleRow: false, LeastCapacity: 0 };

    /// <summary>The widths of window that the biases of branches stand for.</summary>
    internal IEnumerable<int> BranchWindows => _shards.SelectMany(shard => shard.Branches?.Biases ?? []).Select(bias => bias.Window).OfType<int>().Distinct();

    /// <summary>The LM head.</summary>
    internal LmHeadSession Head { get; }

    /// <summary>Opens a bundle folder.</summary>
    /// <exception cref="BundleException">The bundle is incomplete or was changed.</exception>
    /// <exception cref="SelectionException">A hook point does not exist, or the devices do not fit the shards.</exception>
    /// <exception cref="InferenceException">A device is not to be had, or ONNX Runtime refuses a graph.</exception>
    public static LensModel Open(string folder, LensModelOptions? options = null) => Open(Read(folder, options), options);

    /// <summary>Reads a bundle that will be opened, as <see cref="LensBundle.Open"/> does, and has ONNX Runtime made ready meanwhile.</summary>
    /// <param name="folder">The bundle.</param>
    /// <param name="options">How it will be opened: where they name a library of a provider, ONNX Runtime is left alone, for one may come with it.</param>
    /// <exception cref="BundleException">The bundle is incomplete or was changed.</exception>
    public static LensBundle Read(string folder, LensModelOptions? options = null)
    {
        if (options?.ProviderLibrary is not null)
        {
            return LensBundle.Open(folder);
        }

        Task ready = RuntimeEnvironment.Prepare();
        try
        {
            return LensBundle.Open(folder);
        }
        finally
        {
            // A process that ends with an error must not do so in the midst of it.
            ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }
    }

    /// <summary>Opens a bundle that was read before.</summary>
    /// <inheritdoc cref="Open(string, LensModelOptions?)" path="/exception"/>
    public static LensModel Open(LensBundle bundle, LensModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        options ??= new LensModelOptions();
        options.Validate();
        BundleManifest manifest = bundle.Manifest;
        new HookSpec { Capture = options.Capture, Steer = options.Steer }.Validate(manifest.Model);
        DevicePlacement placement = options.Devices.IsEmpty
            ? DevicePlacement.FromManifest(manifest)
            : DevicePlacement.Spread(manifest, options.Devices);
        placement.EnsureAvailable(options.ProviderLibrary);
        return options.Branching == Branching.Shared && placement.Shards.Any(device => device != Device.Cpu)
            ? OpenTried(bundle, options, placement) ?? Open(bundle, options with { Branching = Branching.Replicated }, placement)
            : Open(bundle, options, placement);
    }

    /// <summary>Opens a bundle for branches over a shared cache, and tries some.</summary>
    /// <returns>Null where a device refuses them or gets them wrong; nothing is then left in its memory.</returns>
    private static LensModel? OpenTried(LensBundle bundle, LensModelOptions options, DevicePlacement placement)
    {
        LensModel? model = null;
        bool isGood = false;
        try
        {
            model = Open(bundle, options, placement);
            isGood = model.Branching != Branching.Shared || BranchTrial.Holds(model);
            return isGood ? model : null;
        }
        catch (InferenceException)
        {
            return null;
        }
        finally
        {
            if (!isGood)
            {
                model?.Dispose();
            }
        }
    }

    private static LensModel Open(LensBundle bundle, LensModelOptions options, DevicePlacement placement)
    {
        BundleManifest manifest = bundle.Manifest;
        var factory = new SessionFactory(bundle, new SessionSettings(options.Threads, options.ProfileFolder));
        var request = new ShardRequest(
            [.. options.Capture.Select(CaptureBuffer.Stored).Distinct()],
            OperatorNeeds.Of(options.Steer),
            SharesPrefix(manifest, options),
            manifest.Model.HeadDim,
            TensorTypes.FromPrecision(manifest.Precision));
        return new LensModel(bundle, options, placement, SessionSet.Open(factory, manifest, placement, request, () => OpenHead(factory, bundle, placement.Head, options)));
    }

    private static LmHeadSession OpenHead(SessionFactory factory, LensBundle bundle, Device device, LensModelOptions options)
    {
        if (options.Candidates == Candidates.None)
        {
            return new LmHeadSession(factory, bundle.Manifest, device, options.HeadMemoryBytes);
        }

        if (device.Kind != DeviceKind.Cpu)
        {
            throw new SelectionException($"Candidates are found on the CPU, and the LM head is on '{device}'. Leave the candidates out, or run on the CPU.");
        }

        int rows = LmHeadSession.RowsWithin(bundle.Manifest.Model.VocabularySize, device.Kind, TensorTypes.FromPrecision(bundle.Manifest.Precision), options.HeadMemoryBytes);
        var candidates = CandidateHead.Open(factory, bundle, rows);
        try
        {
            return new LmHeadSession(factory, bundle.Manifest, device, options.HeadMemoryBytes) { Candidates = candidates };
        }
        catch
        {
            candidates.Dispose();
            throw;
        }
    }

    /// <summary>Begins a run over new sequences, with an empty cache. The caller disposes it; so does disposing the model.</summary>
    /// <param name="hooks">What to capture, a part of <see cref="LensModelOptions.Capture"/>, and what to steer.</param>
    /// <param name="capacity">The longest total length of a sequence.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <exception cref="SelectionException">A hook point does not exist or was not named when the model was opened, or the capacity is beyond the bundle's maximum.</exception>
    /// <remarks>
    /// On the CPU the memory of captures stays with the model when their run is disposed, for new memory costs a fault for every page. The next
    /// run takes what fits it, and the rest is freed; one that captures nothing frees all.
    /// </remarks>
    public ModelRun Begin(HookSpec hooks, int capacity, int batch = 1) => Begin(hooks, capacity, batch, _captures);

    /// <inheritdoc cref="Begin(HookSpec, int, int)"/>
    /// <param name="pool">Where the memory of captures is taken from and goes back to; null is none.</param>
    internal ModelRun Begin(HookSpec hooks, int capacity, int batch, DevicePool? pool)
    {
        ArgumentNullException.ThrowIfNull(hooks);
        ObjectDisposedException.ThrowIf(_disposed, this);
        hooks.Validate(Facts);
        RequireOpen(hooks.Capture);
        foreach (SteeringOperation operation in hooks.Steer)
        {
            RequireSteerable(operation.Point, hooks.Steer);
        }

        if (Branching != Branching.None && batch > 1)
        {
            throw new InvalidOperationException("A model that was opened for branches runs one sequence at a time.");
        }

        if (hooks.Window is { } window)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(window.Positions, 1, nameof(hooks));
            ArgumentOutOfRangeException.ThrowIfNotEqual(batch, 1);
        }

        int spare = Branching == Branching.Shared ? MaxBranches : 0;
        try
        {
            var run = new ModelRun(this, _shards, hooks, _type, _options.ChunkLength, capacity, spare, batch, pool);
            lock (_runs)
            {
                _runs.Add(run);
            }

            return run;
        }
        finally
        {
            _captures.Trim(); // Also where there was no memory: the next try has more.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        ModelRun[] runs;
        lock (_runs)
        {
            runs = [.. _runs];
        }

        foreach (ModelRun run in runs)
        {
            run.Dispose();
        }

        foreach (ShardSession shard in _shards)
        {
            shard.Dispose();
        }

        Head.Dispose();
        _captures.Dispose();
    }

    internal Device DeviceOfLayer(int layer) =>
        _shards.First(shard => layer < shard.Entry.FirstLayer + shard.Entry.LayerCount).Device;

    internal void Forget(ModelRun run)
    {
        lock (_runs)
        {
            _runs.Remove(run);
        }
    }

    /// <summary>Refuses hook points that the model was opened without.</summary>
    /// <exception cref="SelectionException">There is one.</exception>
    internal void RequireOpen(ImmutableArray<HookPoint> capture)
    {
        HookPoint[] unopened = [.. capture.Where(point => !IsOpen(point))];
        if (unopened.Length > 0)
        {
            throw new SelectionException(
                $"Hook point '{unopened[0]}' cannot be captured: the model was opened without it. Name it in {nameof(LensModelOptions)}.{nameof(LensModelOptions.Capture)}.");
        }
    }

    /// <summary>Refuses operations at a hook point that has no steering input, or whose graph has not the nodes they need.</summary>
    /// <exception cref="SelectionException">It is so.</exception>
    internal void RequireSteerable(HookPoint point, IEnumerable<SteeringOperation> operations)
    {
        ShardSession shard = _shards.First(shard => shard.Holds(point));
        shard.SteerPort(point);
        if (OperatorNeeds.Of(operations.Where(operation => operation.Point == point)).TryGetValue(point, out OperatorNeeds needs)
            && !shard.Operators.GetValueOrDefault(point).Cover(needs))
        {
            throw new SelectionException(
                $"The operations at '{point}' depend on the activation, and the model was opened without the nodes for them. Name them in {nameof(LensModelOptions)}.{nameof(LensModelOptions.Steer)}.");
        }
    }

    /// <summary>Where graphs fix the entries of a cache there are none beyond the sequence, in which branches could lie.</summary>
    private static bool SharesPrefix(BundleManifest manifest, LensModelOptions options) =>
        options.Branching == Branching.Shared && manifest.Cache is { Kind: CacheKind.Shared, Capacity: null };

    private bool IsOpen(HookPoint point)
    {
        HookPoint stored = CaptureBuffer.Stored(point);
        return _shards.Any(shard => shard.Captures.Any(capture => capture.Point == stored));
    }
}

using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime;

/// <summary>
/// An opened bundle: one session per shard on its device, and one LM-head session for sampling and lens alike.
/// Owns the sessions, and every <see cref="ModelRun"/> begun from it.
/// </summary>
/// <remarks>One thread at a time may run it; <see cref="Dispose"/> may come from any.</remarks>
public sealed class LensModel : IDisposable
{
    private readonly ImmutableArray<ShardSession> _shards;
    private readonly HashSet<ModelRun> _runs = [];
    private readonly LensModelOptions _options;
    private readonly ElementType _type;
    private bool _disposed;

    private LensModel(
        LensBundle bundle, LensModelOptions options, DevicePlacement placement, ImmutableArray<ShardSession> shards, LmHeadSession head)
    {
        Bundle = bundle;
        Placement = placement;
        Head = head;
        _options = options;
        _shards = shards;
        _type = TensorTypes.FromPrecision(bundle.Manifest.Precision);
    }

    /// <summary>The bundle.</summary>
    public LensBundle Bundle { get; }

    /// <summary>The model's sizes.</summary>
    public ModelFacts Facts => Bundle.Manifest.Model;

    /// <summary>Which device each shard and the head run on.</summary>
    public DevicePlacement Placement { get; }

    /// <summary>The LM head.</summary>
    internal LmHeadSession Head { get; }

    /// <summary>Opens a bundle folder.</summary>
    /// <exception cref="BundleException">The bundle is incomplete or was changed.</exception>
    /// <exception cref="SelectionException">A hook point does not exist, or the devices do not fit the shards.</exception>
    /// <exception cref="InferenceException">A device is not to be had, or ONNX Runtime refuses a graph.</exception>
    public static LensModel Open(string folder, LensModelOptions? options = null) => Open(LensBundle.Open(folder), options);

    /// <summary>Opens a bundle that was read before.</summary>
    /// <inheritdoc cref="Open(string, LensModelOptions?)" path="/exception"/>
    public static LensModel Open(LensBundle bundle, LensModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        options ??= new LensModelOptions();
        options.Validate();
        BundleManifest manifest = bundle.Manifest;
        new HookSpec { Capture = options.Capture }.Validate(manifest.Model);
        DevicePlacement placement = options.Devices.IsEmpty
            ? DevicePlacement.FromManifest(manifest)
            : DevicePlacement.Spread(manifest, options.Devices);
        placement.EnsureAvailable();

        var factory = new SessionFactory(bundle, new SessionSettings(options.Threads, options.Prepack));
        HookPoint[] stored = [.. options.Capture.Select(CaptureBuffer.Stored).Distinct()];
        var opened = new List<IDisposable>();
        try
        {
            var shards = ImmutableArray.CreateBuilder<ShardSession>(manifest.Shards.Length);
            for (int i = 0; i < manifest.Shards.Length; i++)
            {
                shards.Add(new ShardSession(factory, manifest.Shards[i], placement.Shards[i], stored));
                opened.Add(shards[i]);
            }

            var head = new LmHeadSession(factory, manifest, placement.Head, options.HeadMemoryBytes);
            opened.Add(head);
            return new LensModel(bundle, options, placement, shards.MoveToImmutable(), head);
        }
        catch
        {
            opened.ForEach(item => item.Dispose());
            throw;
        }
    }

    /// <summary>Begins a run over new sequences, with an empty cache. The caller disposes it; so does disposing the model.</summary>
    /// <param name="hooks">What to capture, a part of <see cref="LensModelOptions.Capture"/>, and what to steer.</param>
    /// <param name="capacity">The longest total length of a sequence.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <exception cref="SelectionException">A hook point does not exist or was not named when the model was opened, or the capacity is beyond the bundle's maximum.</exception>
    public ModelRun Begin(HookSpec hooks, int capacity, int batch = 1)
    {
        ArgumentNullException.ThrowIfNull(hooks);
        ObjectDisposedException.ThrowIf(_disposed, this);
        hooks.Validate(Facts);
        HookPoint[] unopened = [.. hooks.Capture.Where(point => !IsOpen(point))];
        if (unopened.Length > 0)
        {
            throw new SelectionException(
                $"Hook point '{unopened[0]}' cannot be captured: the model was opened without it. Name it in {nameof(LensModelOptions)}.{nameof(LensModelOptions.Capture)}.");
        }

        var run = new ModelRun(this, _shards, hooks, _type, _options.ChunkLength, capacity, batch);
        lock (_runs)
        {
            _runs.Add(run);
        }

        return run;
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

    private bool IsOpen(HookPoint point)
    {
        HookPoint stored = CaptureBuffer.Stored(point);
        return _shards.Any(shard => shard.Captures.Any(capture => capture.Point == stored));
    }
}

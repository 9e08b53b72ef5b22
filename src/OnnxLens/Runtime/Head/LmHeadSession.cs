using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Native;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime.Head;

/// <summary>
/// The one session of final norm and unembedding. Serves sampling (logits of a few rows) and the lens (read-outs of many).
/// Owns the session, unless it is a <see cref="Sibling"/>, and the staging memory of its inputs and outputs.
/// </summary>
/// <remarks>
/// Rows are staged T [N,H] on the head's device; every output is fp32 or int64 on the host. On the CPU the session makes logits only, which
/// <see cref="HostReadouts"/> reads; elsewhere the graph's read-outs are run, so that logits stay where they are. What a call may hold for
/// N rows of V logits is taken as <see cref="BytesPerRow"/>·N, which bounds N by the memory given.
/// </remarks>
internal sealed partial class LmHeadSession : IDisposable
{
    /// <summary>More rows than this make a call hardly faster per row.</summary>
    public const int UsefulRows = 256;

    /// <summary>Copies of the logits that live at once while the graph's read-outs run, at most (measured: 4 to 8).</summary>
    private const int CopiesWithReadouts = 8;

    /// <summary>Calls at one time at most: the head has no state between them, so whoever has staging memory may call it.</summary>
    private const int MostCallers = 64;

    private readonly Lock _lock = new();
    private readonly GuardedSession _session;
    private readonly bool _ownsSession;
    private readonly OrtIoBinding _binding;
    private readonly DeviceBuffer _rows;
    private readonly DeviceBuffer _groupFinals;
    private readonly DeviceBuffer _k;
    private readonly Device _device;
    private readonly DeviceCopies _staging = new();
    private readonly List<OrtValue> _callValues = [];
    private readonly HostReadouts? _host;
    private readonly long _memoryBytes;
    private HeadReadouts? _readouts;
    private DeviceBuffer? _logits;
    private bool _disposed;

    /// <param name="factory">Opens the session.</param>
    /// <param name="manifest">The bundle's.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="memoryBytes">What a call may hold.</param>
    /// <param name="readsInGraph">True runs the graph's read-outs on the CPU as well, where logits are otherwise read by the library.</param>
    public LmHeadSession(SessionFactory factory, BundleManifest manifest, Device device, long memoryBytes, bool readsInGraph = false)
        : this(
            Load(factory, manifest.Head.File, device, readsInGraph), ownsSession: true, device, manifest.Model, TensorTypes.FromPrecision(manifest.Precision),
            RowsWithin(manifest.Model.VocabularySize, device.Kind, TensorTypes.FromPrecision(manifest.Precision), memoryBytes),
            memoryBytes,
            readsInGraph || device.Kind != DeviceKind.Cpu ? null : new HostReadouts(manifest.Model.VocabularySize, factory.Threads))
    {
    }

    private LmHeadSession(GuardedSession session, bool ownsSession, Device device, ModelFacts facts, ElementType type, int maxRows, long memoryBytes, HostReadouts? host)
    {
        Facts = facts;
        Type = type;
        MaxRows = maxRows;
        _memoryBytes = memoryBytes;
        _session = session;
        _ownsSession = ownsSession;
        _device = device;
        _host = host;
        _binding = _session.CreateBinding();
        _rows = new DeviceBuffer(device, Type, (long)MaxRows * Facts.HiddenSize);
        _groupFinals = new DeviceBuffer(Device.Cpu, ElementType.Int64, MaxRows);
        _k = new DeviceBuffer(Device.Cpu, ElementType.Int64, 1);
    }

    /// <summary>The model's sizes.</summary>
    public ModelFacts Facts { get; }

    /// <summary>Element type of the rows.</summary>
    public ElementType Type { get; }

    /// <summary>Rows that one call decodes at most.</summary>
    public int MaxRows { get; }

    /// <summary>What finds candidates, or null. Owned.</summary>
    public CandidateHead? Candidates { get; init; }

    /// <summary>Bytes that one row of a call may take.</summary>
    /// <param name="vocabulary">V.</param>
    /// <param name="device">On the CPU there are only the logits that are read, and in half precision those that they are widened from.</param>
    /// <param name="type">Element type of the head's arithmetic.</param>
    public static long BytesPerRow(int vocabulary, DeviceKind device, ElementType type)
    {
        int copies = device != DeviceKind.Cpu ? CopiesWithReadouts : type == ElementType.Float ? 1 : 3;
        return (long)copies * vocabulary * sizeof(float);
    }

    /// <summary>Rows that one call decodes at most within so many bytes; two at least, whatever was asked for.</summary>
    public static int RowsWithin(int vocabulary, DeviceKind device, ElementType type, long memoryBytes) =>
        (int)Math.Clamp(memoryBytes / BytesPerRow(vocabulary, device, type), 2, UsefulRows);

    /// <summary>The same session with staging memory of its own, so that several threads can read rows out at once. Borrows the session; the caller disposes the sibling.</summary>
    /// <param name="callers">How many there are: together their calls hold what one of this session may.</param>
    public LmHeadSession Sibling(int callers) =>
        new(_session, ownsSession: false, _device, Facts, Type, RowsWithin(Facts.VocabularySize, _device.Kind, Type, _memoryBytes / callers), _memoryBytes / callers, _host?.Another());

    /// <summary>Puts a captured row where the next call reads it.</summary>
    public void Stage(int index, CaptureBuffer captures, HookPoint point, int sequence, int position) =>
        captures.CopyRow(point, sequence, position, _rows, index, _staging);

    /// <summary>Puts a row of a buffer where the next call reads it.</summary>
    public void Stage(int index, DeviceBuffer rows, long row) =>
        _staging.Add(rows, row * Facts.HiddenSize, _rows, (long)index * Facts.HiddenSize, Facts.HiddenSize);

    /// <summary>Memory for the targets of a call, int64 [N,m], to be filled before <see cref="Decode"/>.</summary>
    public Span<long> Targets(int topK, int targetCount)
    {
        if (_readouts is null || _readouts.TopK != topK || _readouts.TargetCount != targetCount)
        {
            _readouts?.Dispose();
            _readouts = null;
            _readouts = new HeadReadouts(MaxRows, topK, targetCount);
        }

        return _readouts.Targets;
    }

    /// <summary>Decodes staged rows: groups of equal size, of which each has one row that is the model's own output.</summary>
    /// <param name="rows">Rows staged, N.</param>
    /// <param name="groups">Groups, P; divides N.</param>
    /// <param name="finalOfGroup">The offset of the final row within every group.</param>
    /// <param name="cancellation">Stops within the call.</param>
    /// <param name="byCandidates">True reads the logits of <see cref="Candidates"/>.</param>
    /// <returns>The read-outs, valid until the next call.</returns>
    public HeadReadouts Decode(int rows, int groups, int finalOfGroup, CancellationToken cancellation, bool byCandidates = false)
    {
        lock (_lock)
        {
            HeadReadouts readouts = _readouts ?? throw new InvalidOperationException($"{nameof(Targets)} comes before {nameof(Decode)}.");
            SetFinals(rows, groups, finalOfGroup);
            if (_host is null)
            {
                RunWhole(rows, groups, readouts, readouts.Outputs(rows), cancellation);
            }
            else
            {
                DeviceBuffer logits = byCandidates ? RunCandidates(rows, readouts, cancellation) : RunLogits(rows, cancellation);
                _host.Read(logits, rows, _groupFinals, groups, readouts, cancellation);
            }

            return readouts;
        }
    }

    /// <summary>The logits of rows that lie one behind the other in a buffer of the model's element type.</summary>
    public void ReadLogits(DeviceBuffer rows, int count, Span<float> destination, CancellationToken cancellation)
    {
        int vocabulary = Facts.VocabularySize;
        for (int start = 0; start < count; start += MaxRows)
        {
            int rowsHere = Math.Min(MaxRows, count - start);
            rows.CopyTo((long)start * Facts.HiddenSize, _rows, 0, (long)rowsHere * Facts.HiddenSize);
            ReadStagedLogits(rowsHere, destination[(start * vocabulary)..], cancellation);
        }
    }

    /// <summary>The logits of the rows staged, fp32 [N,V].</summary>
    public void ReadStagedLogits(int rows, Span<float> destination, CancellationToken cancellation)
    {
        lock (_lock)
        {
            // While no other thread may dispose of what they are in.
            RunLogits(rows, cancellation).Span<float>(0, rows * Facts.VocabularySize).CopyTo(destination);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _binding.Dispose();
            if (_ownsSession)
            {
                _session.Dispose();
            }

            Candidates?.Dispose();
            _k.Dispose();
            _rows.Dispose();
            _groupFinals.Dispose();
            _readouts?.Dispose();
            _logits?.Dispose();
        }
    }

    private static GuardedSession Load(SessionFactory factory, string file, Device device, bool readsInGraph) =>
        device.Kind == DeviceKind.Cpu && !readsInGraph ? OpenLogits(factory, file, device) : OpenWhole(factory, file, device);

    private static GuardedSession OpenLogits(SessionFactory factory, string file, Device device)
    {
        GuardedSession session = factory.Create(file, device, [HeadPorts.Logits], together: MostCallers);
        session.Require([HeadPorts.Hidden], [HeadPorts.Logits]);
        return session;
    }

    private void SetFinals(int rows, int groups, int finalOfGroup)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows % groups, 0, nameof(groups));
        Span<long> finals = _groupFinals.Span<long>(0, groups);
        for (int group = 0; group < groups; group++)
        {
            finals[group] = (group * (rows / groups)) + finalOfGroup;
        }
    }

    /// <summary>Runs for the logits alone, and gives the memory that they are in.</summary>
    private DeviceBuffer RunLogits(int rows, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long needed = (long)rows * Facts.VocabularySize;
        if (_logits is null || _logits.Elements < needed)
        {
            _logits?.Dispose();
            _logits = null; // Should there be no room for more.
            _logits = new DeviceBuffer(Device.Cpu, ElementType.Float, needed);
        }

        (string, OrtValue)[] output = [(HeadPorts.Logits, _logits.Slice(0, rows, Facts.VocabularySize))];
        if (_host is not null)
        {
            Run(rows, output, cancellation);
            return _logits;
        }

        Targets(topK: 1, targetCount: 1)[..rows].Clear();
        SetFinals(rows, groups: 1, finalOfGroup: 0);
        RunWhole(rows, groups: 1, _readouts!, output, cancellation);
        return _logits;
    }

    private DeviceBuffer RunCandidates(int rows, HeadReadouts readouts, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, MaxRows);
        _staging.Flush();
        return Candidates!.Logits(_rows, rows, readouts, cancellation);
    }

    private void Run(int rows, IEnumerable<(string Port, OrtValue Value)> outputs, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, MaxRows);
        _staging.Flush();
        _binding.ClearBoundOutputs();
        try
        {
            _binding.BindInput(HeadPorts.Hidden, ForCall(_rows.Slice(0, rows, Facts.HiddenSize)));
            foreach ((string port, OrtValue value) in outputs)
            {
                _binding.BindOutput(port, ForCall(value));
            }

            _session.Run(_binding, cancellation);
        }
        finally
        {
            _callValues.ForEach(value => value.Dispose());
            _callValues.Clear();
        }
    }

    private OrtValue ForCall(OrtValue value)
    {
        _callValues.Add(value);
        return value;
    }
}

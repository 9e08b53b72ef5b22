using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime.Head;

/// <summary>Running the whole graph, read-outs and all.</summary>
internal sealed partial class LmHeadSession
{
    private static GuardedSession OpenWhole(SessionFactory factory, string file, Device device)
    {
        Action<ModelProto>? edit = device.Kind == DeviceKind.Cuda ? HeadOnCuda.Apply : null;
        GuardedSession session = factory.Create(file, device, edit: edit, together: MostCallers);
        session.Require(
            [HeadPorts.Hidden, HeadPorts.FinalRows, HeadPorts.Targets, HeadPorts.K],
            [
                HeadPorts.Logits, HeadPorts.TopIds, HeadPorts.TopLogProbs, HeadPorts.LogSumExp, HeadPorts.Entropy, HeadPorts.TargetLogProbs, HeadPorts.TargetRanks, HeadPorts.Kl,
            ]);
        return session;
    }

    private void RunWhole(int rows, int groups, HeadReadouts readouts, IEnumerable<(string, OrtValue)> outputs, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _k.Span<long>(0, 1)[0] = readouts.TopK;
        _binding.BindInput(HeadPorts.K, ForCall(_k.Slice(0, 1)));
        _binding.BindInput(HeadPorts.FinalRows, ForCall(_groupFinals.Slice(0, groups)));
        _binding.BindInput(HeadPorts.Targets, ForCall(readouts.TargetTensor(rows)));
        Run(rows, outputs, cancellation);
    }
}

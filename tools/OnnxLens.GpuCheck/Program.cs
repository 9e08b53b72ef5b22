using System.CommandLine;
using OnnxLens;
using OnnxLens.GpuCheck;
using OnnxLens.Runtime;

Option<string?> library = new("--ep-library") { Description = $"The CUDA provider, {CudaProvider.FileName} of this ONNX Runtime's version, or its folder. Default: the one beside the program." };
Option<int> index = new("--gpu") { Description = "N of cuda:N." };
Option<string?> golden = new("--golden") { Description = "Folder of golden cases: each a folder with checkpoint/ and golden.safetensors. Parity and placement are checked on them." };
Option<string?> exports = new("--exports") { Description = "Folder of graphs that other programs exported: each a folder with the export, golden.json and golden.safetensors. They are instrumented for the device and checked." };
Option<string?> of = new("--exports-of") { Description = "Folder of golden cases, as '--golden', of the checkpoints that they were exported from: for graphs that the CPU cannot run." };
Option<string?> checkpoint = new("--checkpoint") { Description = "Folder of a checkpoint whose speed is measured." };
Option<int> tokens = new("--tokens") { DefaultValueFactory = _ => 256, Description = "Tokens generated for the speed." };
Option<int> prompt = new("--prompt") { DefaultValueFactory = _ => 128, Description = "Tokens of the prompt for the speed." };
Option<int> repeats = new("--repeats") { DefaultValueFactory = _ => 3, Description = "Measured repeats of the speed." };
Option<bool> trace = new("--trace") { Description = "Say where the time goes, by operator; needs CUDA_LAUNCH_BLOCKING=1 in the environment to be more than the time of launching." };
Option<string?> json = new("--json") { Description = "File for the outcome as JSON." };
var root = new RootCommand("Checks what runs on a CUDA device: parity with golden data, placement, and speed.") { library, index, golden, exports, of, checkpoint, tokens, prompt, repeats, trace, json };
root.SetAction((parsed, cancellation) =>
{
    var report = new CheckReport(Console.Out.WriteLine);
    string folder = Directory.CreateTempSubdirectory("onnxlens-gpu-check-").FullName;
    try
    {
        var context = new CheckContext(new Device(DeviceKind.Cuda, parsed.GetValue(index)), parsed.GetValue(library), folder, report, cancellation);
        context.Describe();
        if (parsed.GetValue(golden) is string cases)
        {
            new Cases(context).Checkpoints(Path.GetFullPath(cases));
        }

        if (parsed.GetValue(exports) is string graphs)
        {
            new Cases(context).Exports(Path.GetFullPath(graphs), parsed.GetValue(of));
        }

        if (parsed.GetValue(checkpoint) is string model)
        {
            var speed = new SpeedCheck(context, Path.GetFullPath(model), parsed.GetValue(prompt), parsed.GetValue(tokens), parsed.GetValue(repeats));
            speed.Run(parsed.GetValue(trace));
        }
    }
    catch (OnnxLensException refusal)
    {
        report.Fail("run", refusal.Message);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
        if (parsed.GetValue(json) is string file)
        {
            report.Save(Path.GetFullPath(file));
        }
    }

    return Task.FromResult(report.Failures == 0 ? 0 : 3);
});
return await root.Parse(args).InvokeAsync();

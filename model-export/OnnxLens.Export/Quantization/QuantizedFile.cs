using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Quantization;

/// <summary>
/// Writes the data file of a plan. Slices of rows are read, quantised and written at their offsets by all cores at once, so that
/// memory is a few megabytes a core, whatever the sizes of the model and its matrices.
/// </summary>
public static class QuantizedFile
{
    /// <summary>Quantises and writes.</summary>
    /// <param name="checkpoint">The checkpoint that the plan was made for.</param>
    /// <param name="plan">What goes where.</param>
    /// <param name="folder">Folder that gets <see cref="QuantizationPlan.FileName"/>; it must not have one.</param>
    /// <param name="cancellation">Stops between two slices; the file is then incomplete.</param>
    /// <exception cref="CheckpointException">A weight is not finite, or its file ends early; the message names tensor, row and column.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Write(Checkpoint checkpoint, QuantizationPlan plan, string folder, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(plan);
        using var sources = new SourceFiles(checkpoint);
        using SafeFileHandle target = File.OpenHandle(Path.Combine(folder, QuantizationPlan.FileName), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var worker = new SliceWorker(sources, target, plan);
        var slices = Partitioner.Create(plan.Tensors.SelectMany(RowSlice.Of), EnumerablePartitionerOptions.NoBuffering);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        try
        {
            Parallel.ForEach(slices, options, () => new SliceBuffers(), (slice, _, buffers) => worker.Run(slice, buffers), _ => { });
        }
        catch (AggregateException failures)
        {
            // One reason is enough: what failed in the other workers meanwhile is of the same kind.
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }

        RandomAccess.FlushToDisk(target);
    }

    /// <summary>The checkpoint's weight files, opened when first read. Owns their handles.</summary>
    private sealed class SourceFiles(Checkpoint checkpoint) : IDisposable
    {
        private readonly ConcurrentDictionary<string, Lazy<SafeFileHandle>> _handles = new(StringComparer.Ordinal);

        public void Read(RowSlice slice, Span<byte> stored)
        {
            CheckpointTensor tensor = slice.Tensor.Source;
            string path = Path.Combine(checkpoint.Folder, tensor.File);
            SafeFileHandle handle = _handles.GetOrAdd(path, name => new(() => File.OpenHandle(name))).Value;
            long offset = tensor.Offset + (slice.First * slice.Tensor.Columns * tensor.Type.ByteSize());
            for (int read; !stored.IsEmpty; stored = stored[read..], offset += read)
            {
                read = RandomAccess.Read(handle, stored, offset);
                if (read == 0)
                {
                    throw new CheckpointException($"'{path}' ends within the tensor '{tensor.Name}', which its header places up to byte {tensor.Offset + tensor.Bytes}. Fetch the file again.");
                }
            }
        }

        public void Dispose()
        {
            foreach (Lazy<SafeFileHandle> handle in _handles.Values.Where(handle => handle.IsValueCreated))
            {
                handle.Value.Dispose();
            }
        }
    }

    /// <summary>Quantises one slice after another. Borrows all it is given; the buffers belong to one thread at a time.</summary>
    private sealed class SliceWorker(SourceFiles sources, SafeFileHandle target, QuantizationPlan plan)
    {
        private readonly RowQuantizer _quantizer = new(plan.Form, plan.ScaleType);

        public SliceBuffers Run(RowSlice slice, SliceBuffers buffers)
        {
            QuantizedTensor tensor = slice.Tensor;
            int columns = checked((int)tensor.Columns);
            int rowBytes = checked((int)tensor.RowBytes);
            int blocks = checked((int)tensor.Blocks);
            int zeroBytes = tensor.ZeroPoints is null ? 0 : checked((int)tensor.ZeroPointRowBytes);
            Span<byte> stored = buffers.Stored((long)slice.Count * columns * tensor.Source.Type.ByteSize());
            sources.Read(slice, stored);
            ReadOnlySpan<float> weights = buffers.Singles(stored, tensor.Source.Type);
            Span<byte> data = buffers.Data((long)slice.Count * rowBytes);
            Span<float> scales = buffers.Scales((long)slice.Count * blocks);
            Span<byte> zeroPoints = buffers.ZeroPoints((long)slice.Count * zeroBytes);
            for (int row = 0; row < slice.Count; row++)
            {
                ReadOnlySpan<float> values = weights.Slice(row * columns, columns);
                int refused = _quantizer.Quantize(
                    values, data.Slice(row * rowBytes, rowBytes), scales.Slice(row * blocks, blocks), zeroPoints.Slice(row * zeroBytes, zeroBytes));
                if (refused >= 0)
                {
                    throw Refusal(tensor, slice.First + row, refused, values);
                }
            }

            Span<byte> storedScales = buffers.StoredScales((long)scales.Length * plan.ScaleType.ByteSize());
            FloatBytes.Store(scales, plan.ScaleType, storedScales);
            Write(tensor.Data, slice.First * rowBytes, data);
            Write(tensor.Scales, slice.First * blocks * plan.ScaleType.ByteSize(), storedScales);
            if (tensor.ZeroPoints is not null)
            {
                Write(tensor.ZeroPoints, slice.First * zeroBytes, zeroPoints);
            }

            return buffers;
        }

        private void Write(ExternalData region, long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(target, bytes, region.Offset + offset);

        private CheckpointException Refusal(QuantizedTensor tensor, long row, int block, ReadOnlySpan<float> values)
        {
            int first = block * plan.Form.BlockSize;
            int last = Math.Min(first + plan.Form.BlockSize, values.Length) - 1;
            for (int column = first; column <= last; column++)
            {
                if (!float.IsFinite(values[column]))
                {
                    return new CheckpointException(
                        $"The tensor '{tensor.Source.Name}' in '{tensor.Source.File}' holds {values[column]} at [{row},{column}], which cannot be quantised. Give a checkpoint whose weights are finite.");
                }
            }

            return new CheckpointException(
                $"The tensor '{tensor.Source.Name}' in '{tensor.Source.File}' holds weights at [{row},{first}] to [{row},{last}] whose scale is beyond {Precisions.Name(plan.ScaleType)}. Export it without quantisation{(plan.ScaleType == ElementType.Float ? "" : ", or for the CPU")}.");
        }
    }
}

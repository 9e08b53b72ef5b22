using System.Text.Json;
using OnnxLens.Cli.Models;
using OnnxLens.Export.Planning;

namespace OnnxLens.Cli.Rendering;

/// <summary>The plan of an export as one JSON object, in the words of <see cref="InfoJson"/>. Sizes are bytes.</summary>
internal static class PlanJson
{
    private const int Schema = 1;

    /// <summary>Writes the object.</summary>
    public static void Write(TextWriter output, PlanReport report) => JsonLines.Write(output, json =>
    {
        ExportPlan plan = report.Plan;
        json.WriteStartObject();
        json.WriteNumber("schema", Schema);
        json.WriteString("kind", "plan");
        json.WriteString("folder", plan.Folder);
        InfoJson.WriteFacts(json, plan.Model);
        json.WriteNumber("parameters", plan.Parameters);
        json.WriteString("precision", plan.Precision);
        InfoJson.WriteQuantization(json, plan.Quantization);
        json.WriteString("weight_type", plan.WeightType);
        json.WriteBoolean("has_weights", plan.HasWeights);
        json.WriteNumber("capture_window", ExportPlan.CaptureWindow);
        WriteShards(json, plan);
        WriteHead(json, plan.Head);
        WriteDevices(json, plan);
        WriteFit(json, report);
        WriteStep(json, report);
        json.WriteEndObject();
    }, indented: true);

    private static void WriteShards(Utf8JsonWriter json, ExportPlan plan)
    {
        json.WriteStartArray("shards");
        foreach (ShardNeed shard in plan.Shards)
        {
            json.WriteStartObject();
            json.WriteString("file", shard.File);
            json.WriteNumber("first_layer", shard.FirstLayer);
            json.WriteNumber("layer_count", shard.LayerCount);
            json.WriteString("device", shard.Device);
            WriteMemory(json, shard.Memory);
            json.WriteNumber("step_bytes", shard.StepBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteHead(Utf8JsonWriter json, HeadNeed head)
    {
        json.WriteStartObject("lm_head");
        json.WriteString("device", head.Device);
        WriteMemory(json, head.Memory);
        json.WriteNumber("lm_head_rows", head.Rows);
        json.WriteNumber("step_bytes", head.StepBytes);
        json.WriteEndObject();
    }

    private static void WriteDevices(Utf8JsonWriter json, ExportPlan plan)
    {
        json.WriteStartArray("devices");
        foreach (DeviceNeed device in plan.Devices)
        {
            json.WriteStartObject();
            json.WriteString("device", device.Device);
            WriteMemory(json, device.Memory);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMemory(Utf8JsonWriter json, MemoryParts memory)
    {
        json.WriteStartObject("memory");
        json.WriteNumber("weights", memory.Weights);
        json.WriteNumber("kv_cache_at_max_length", memory.Cache);
        json.WriteNumber("captures_at_max_length", memory.Captures);
        json.WriteNumber("captures_in_window", memory.WindowCaptures);
        json.WriteNumber("lm_head_call", memory.HeadCall);
        json.WriteNumber("total", memory.Total(CaptureExtent.Whole));
        json.WriteNumber("total_in_window", memory.Total(CaptureExtent.Window));
        json.WriteEndObject();
    }

    private static void WriteFit(Utf8JsonWriter json, PlanReport report)
    {
        if (report.DeviceBytes is not long room)
        {
            json.WriteNull("fit");
            return;
        }

        json.WriteStartObject("fit");
        json.WriteNumber("device_memory", room);
        foreach ((CaptureExtent extent, int? least) in report.Least)
        {
            json.WriteStartObject(extent == CaptureExtent.Whole ? "whole" : "in_window");
            long fullest = report.Plan.Fullest(extent);
            json.WriteNumber("fullest", fullest);
            json.WriteBoolean("fits", fullest <= room);
            json.WritePropertyName("least_devices");
            if (least is int count)
            {
                json.WriteNumberValue(count);
            }
            else
            {
                json.WriteNullValue();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter json, PlanReport report)
    {
        json.WriteStartObject("step");
        json.WriteNumber("bytes", report.Plan.StepBytes);
        if (report.Bandwidth is long bandwidth)
        {
            json.WriteNumber("bandwidth", bandwidth);
            json.WriteNumber("least_seconds", report.Plan.StepSeconds(bandwidth));
        }
        else
        {
            json.WriteNull("bandwidth");
            json.WriteNull("least_seconds");
        }

        json.WriteEndObject();
    }
}

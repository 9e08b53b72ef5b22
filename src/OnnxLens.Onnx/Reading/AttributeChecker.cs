using OnnxLens.Onnx.Proto;
using AttributeType = OnnxLens.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace OnnxLens.Onnx;

/// <summary>Checks that attributes have a type, and a value of that type only.</summary>
internal sealed class AttributeChecker(List<GraphFinding> findings, TensorChecker tensors)
{
    /// <summary>Checks the attributes of one node. In a function an attribute may refer to one of the function's own.</summary>
    internal void Check(IEnumerable<AttributeProto> attributes, string where, bool isFunction)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (AttributeProto attribute in attributes)
        {
            string here = $"{where}, attribute '{attribute.Name}'";
            if (attribute.Name.Length == 0 || !names.Add(attribute.Name))
            {
                Find(here, attribute.Name.Length == 0 ? "the name is missing." : "another attribute has the same name.");
            }

            CheckValue(attribute, here, isFunction);
            CheckTensors(attribute, here);
        }
    }

    private void CheckValue(AttributeProto attribute, string where, bool isFunction)
    {
        bool refers = attribute.RefAttrName.Length > 0;
        if (refers && !isFunction)
        {
            Find(where, $"refers to '{attribute.RefAttrName}', but only attributes in functions may refer to others.");
        }

        if (attribute.Type == AttributeType.Undefined || !Enum.IsDefined(attribute.Type))
        {
            Find(where, "the type is missing.");
            return;
        }

        AttributeType[] present = [.. Present(attribute)];
        foreach (AttributeType other in present.Where(other => other != attribute.Type || refers))
        {
            Find(where, refers
                ? $"has a value of type {other} and refers to '{attribute.RefAttrName}' as well. Expected one of them."
                : $"is of type {attribute.Type} but has a value of type {other}.");
        }

        // Numbers and text that are missing are zero and empty for writers of the newer syntax, lists are empty.
        bool needsValue = attribute.Type is AttributeType.Tensor or AttributeType.Graph or AttributeType.SparseTensor or AttributeType.TypeProto;
        if (needsValue && !refers && !present.Contains(attribute.Type))
        {
            Find(where, $"is of type {attribute.Type} but has no value.");
        }
    }

    private void CheckTensors(AttributeProto attribute, string where)
    {
        foreach (TensorProto tensor in attribute.T is null ? attribute.Tensors : attribute.Tensors.Prepend(attribute.T))
        {
            tensors.Check(tensor, where);
        }

        foreach (SparseTensorProto sparse in attribute.SparseTensor is null
            ? attribute.SparseTensors
            : attribute.SparseTensors.Prepend(attribute.SparseTensor))
        {
            tensors.Check(sparse, where);
        }
    }

    private static IEnumerable<AttributeType> Present(AttributeProto attribute)
    {
        (AttributeType Type, bool IsThere)[] values =
        [
            (AttributeType.Float, attribute.HasF),
            (AttributeType.Int, attribute.HasI),
            (AttributeType.String, attribute.HasS),
            (AttributeType.Tensor, attribute.T is not null),
            (AttributeType.Graph, attribute.G is not null),
            (AttributeType.SparseTensor, attribute.SparseTensor is not null),
            (AttributeType.TypeProto, attribute.Tp is not null),
            (AttributeType.Floats, attribute.Floats.Count > 0),
            (AttributeType.Ints, attribute.Ints.Count > 0),
            (AttributeType.Strings, attribute.Strings.Count > 0),
            (AttributeType.Tensors, attribute.Tensors.Count > 0),
            (AttributeType.Graphs, attribute.Graphs.Count > 0),
            (AttributeType.SparseTensors, attribute.SparseTensors.Count > 0),
            (AttributeType.TypeProtos, attribute.TypeProtos.Count > 0),
        ];
        return values.Where(value => value.IsThere).Select(value => value.Type);
    }

    private void Find(string where, string problem) => findings.Add(new GraphFinding(where, problem));
}

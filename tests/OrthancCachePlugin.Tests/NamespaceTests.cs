using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Tests;

/// <summary>
/// The namespaces of the core have an order, and so no cycles. Read from the compiled assembly: base types, members, signatures, attributes
/// and what method bodies name. A nested type belongs to the namespace of its outermost type, and <c>Storage.Device</c> to <c>Storage</c>.
/// </summary>
public sealed class NamespaceTests
{
    private const string Root = "OrthancCachePlugin.Core";

    /// <summary>Each uses only those before it; the first is the root. Storage knows bytes and keys, and comes before HTTP.</summary>
    private static readonly string[] Order =
    [
        "", "Diagnostics", "Threads", "Compression", "Storage", "Sharing", "Http", "Routing", "Origin", "Freshness", "Tags", "Archives",
        "Serving", "WarmUp", "Configuration", "Administration",
    ];

    [Fact]
    public void A_namespace_uses_only_those_before_it()
    {
        var uses = Uses();
        uses.Count.Should().BeGreaterThan(200, "the reader finds at least so many");
        uses.Select(u => u.From).Distinct().Should().BeSubsetOf(Order, "a new namespace needs a place in the order");
        var wrong = uses
            .Where(u => Array.IndexOf(Order, u.To) > Array.IndexOf(Order, u.From))
            .GroupBy(u => $"{u.From} -> {u.To}", u => $"{u.Source} uses {u.Target}")
            .Select(g => $"{g.Key}: {string.Join(", ", g.Distinct().Order())}");
        string.Join(Environment.NewLine, wrong).Should().BeEmpty();
    }

    private static HashSet<Use> Uses()
    {
        using var file = File.OpenRead(typeof(OrthancApi).Assembly.Location);
        using var assembly = new PEReader(file);
        return new UseReader(assembly).Read();
    }

    private sealed record Use(string From, string To, string Source, string Target);

    /// <summary>Collects which types each type names.</summary>
    private sealed class UseReader(PEReader assembly) : ISignatureTypeProvider<object?, object?>
    {
        private static readonly Dictionary<int, OperandType> Operands = typeof(OpCodes).GetFields()
            .Select(f => f.GetValue(null))
            .OfType<OpCode>()
            .ToDictionary(c => c.Value & 0xFFFF, c => c.OperandType);

        private readonly MetadataReader _metadata = assembly.GetMetadataReader();
        private readonly HashSet<Use> _uses = [];
        private TypeDefinition _source;

        public HashSet<Use> Read()
        {
            foreach (var handle in _metadata.TypeDefinitions)
            {
                var type = _metadata.GetTypeDefinition(handle);
                _source = Outermost(type);
                if (NameOf(_source) is null)
                {
                    continue; // made by the compiler
                }

                Add(type.BaseType);
                AddConstraints(type.GetGenericParameters());
                AddAttributes(type.GetCustomAttributes());
                foreach (var implemented in type.GetInterfaceImplementations())
                {
                    Add(_metadata.GetInterfaceImplementation(implemented).Interface);
                }

                foreach (var field in type.GetFields().Select(_metadata.GetFieldDefinition))
                {
                    field.DecodeSignature(this, null);
                    AddAttributes(field.GetCustomAttributes());
                }

                foreach (var method in type.GetMethods().Select(_metadata.GetMethodDefinition))
                {
                    method.DecodeSignature(this, null);
                    AddConstraints(method.GetGenericParameters());
                    AddAttributes(method.GetCustomAttributes());
                    AddBody(method);
                }
            }

            return _uses;
        }

        private void AddConstraints(GenericParameterHandleCollection parameters)
        {
            foreach (var constraint in parameters.SelectMany(p => _metadata.GetGenericParameter(p).GetConstraints()))
            {
                Add(_metadata.GetGenericParameterConstraint(constraint).Type);
            }
        }

        private void AddAttributes(CustomAttributeHandleCollection attributes)
        {
            foreach (var attribute in attributes)
            {
                Add(_metadata.GetCustomAttribute(attribute).Constructor);
            }
        }

        private void AddBody(MethodDefinition method)
        {
            if (method.RelativeVirtualAddress == 0)
            {
                return;
            }

            var body = assembly.GetMethodBody(method.RelativeVirtualAddress);
            if (!body.LocalSignature.IsNil)
            {
                _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(this, null);
            }

            foreach (var region in body.ExceptionRegions)
            {
                Add(region.CatchType);
            }

            var code = body.GetILReader();
            while (code.RemainingBytes > 0)
            {
                int operation = code.ReadByte();
                operation = operation == 0xFE ? 0xFE00 | code.ReadByte() : operation;
                switch (Operands[operation])
                {
                    case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineType or OperandType.InlineTok:
                        Add((EntityHandle)MetadataTokens.Handle(code.ReadInt32()));
                        break;
                    case OperandType.InlineSwitch:
                        var targets = code.ReadInt32();
                        code.Offset += targets * sizeof(int);
                        break;
                    case OperandType.InlineNone:
                        break;
                    case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                        code.Offset += sizeof(byte);
                        break;
                    case OperandType.InlineVar:
                        code.Offset += sizeof(short);
                        break;
                    case OperandType.InlineI8 or OperandType.InlineR:
                        code.Offset += sizeof(long);
                        break;
                    default:
                        code.Offset += sizeof(int);
                        break;
                }
            }
        }

        private void Add(EntityHandle handle)
        {
            if (handle.IsNil)
            {
                return;
            }

            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    AddType((TypeDefinitionHandle)handle);
                    break;
                case HandleKind.TypeSpecification:
                    _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                    break;
                case HandleKind.FieldDefinition:
                    AddType(_metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.MethodDefinition:
                    AddType(_metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.MemberReference:
                    Add(_metadata.GetMemberReference((MemberReferenceHandle)handle).Parent);
                    break;
                case HandleKind.MethodSpecification:
                    var generic = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                    Add(generic.Method);
                    generic.DecodeSignature(this, null);
                    break;
                default:
                    break; // of other assemblies
            }
        }

        private void AddType(TypeDefinitionHandle handle)
        {
            var target = Outermost(_metadata.GetTypeDefinition(handle));
            if (NameOf(_source) is { } from && NameOf(target) is { } to && from != to)
            {
                _uses.Add(new Use(from, to, _metadata.GetString(_source.Name), _metadata.GetString(target.Name)));
            }
        }

        private TypeDefinition Outermost(TypeDefinition type)
        {
            while (!type.GetDeclaringType().IsNil)
            {
                type = _metadata.GetTypeDefinition(type.GetDeclaringType());
            }

            return type;
        }

        /// <summary>The first part below the root; null outside of it.</summary>
        private string? NameOf(TypeDefinition type)
        {
            var full = _metadata.GetString(type.Namespace);
            return full == Root ? ""
                : full.StartsWith(Root + ".", StringComparison.Ordinal) ? full[(Root.Length + 1)..].Split('.')[0]
                : null;
        }

        public object? GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            AddType(handle);
            return null;
        }

        public object? GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        {
            Add(handle);
            return null;
        }

        // What has parts has shown them already.
        public object? GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => null;

        public object? GetPrimitiveType(PrimitiveTypeCode typeCode) => null;

        public object? GetGenericInstantiation(object? genericType, ImmutableArray<object?> typeArguments) => null;

        public object? GetGenericMethodParameter(object? genericContext, int index) => null;

        public object? GetGenericTypeParameter(object? genericContext, int index) => null;

        public object? GetArrayType(object? elementType, ArrayShape shape) => null;

        public object? GetSZArrayType(object? elementType) => null;

        public object? GetByReferenceType(object? elementType) => null;

        public object? GetPointerType(object? elementType) => null;

        public object? GetPinnedType(object? elementType) => null;

        public object? GetModifiedType(object? modifier, object? unmodifiedType, bool isRequired) => null;

        public object? GetFunctionPointerType(MethodSignature<object?> signature) => null;
    }
}

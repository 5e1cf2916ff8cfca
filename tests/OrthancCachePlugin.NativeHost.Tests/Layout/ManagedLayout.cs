using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.NativeHost.Tests.Layout;

/// <summary>What <c>layout.c</c> prints, taken from the C# structures and enumerations.</summary>
internal static class ManagedLayout
{
    private static readonly Type[] Types =
        [.. typeof(NativeContext).Assembly.GetTypes().Where(type => type.Namespace == typeof(NativeContext).Namespace)];

    public static LayoutTable Read()
    {
        var table = new LayoutTable();
        foreach (Type type in Types)
        {
            if (type.IsEnum)
            {
                AddNumbers(table, type);
            }
            else
            {
                AddStructure(table, type);
            }
        }

        return table;
    }

    private static void AddNumbers(LayoutTable table, Type type)
    {
        type.GetEnumUnderlyingType().Should().Be<int>($"{type.Name} is a C enumeration");
        foreach (object value in Enum.GetValues(type))
        {
            table.Add($"{type.Name}.{value}", (int)value);
        }
    }

    private static void AddStructure(LayoutTable table, Type type)
    {
        FieldInfo[] fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        if (fields.Length == 0)
        {
            return; // opaque in C too
        }

        table.Add($"{type.Name}.size", SizeOf(type));
        foreach (FieldInfo field in fields)
        {
            table.Add($"{type.Name}.{field.Name}.offset", (int)Marshal.OffsetOf(type, field.Name));
            table.Add($"{type.Name}.{field.Name}.size", SizeOf(field.FieldType));
        }
    }

    private static int SizeOf(Type type) => type.IsPointer || type.IsFunctionPointer
        ? nint.Size
        : (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}

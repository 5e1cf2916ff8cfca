namespace OrthancCachePlugin.Core.Archives;

/// <summary>Puts elements in the order in which <c>std::sort</c> of GCC's library leaves them, also those that compare equal: Orthanc numbers the
/// instances of a series in that order. Quicksort around the median of three until parts have 16 elements, heap sort where that goes too deep, and
/// one insertion sort over everything.</summary>
internal static class IntroSort
{
    private const int Threshold = 16;

    public static void Sort<T>(List<T> items, Func<T, T, bool> isLess)
    {
        if (items.Count == 0)
        {
            return;
        }

        Partition(items, 0, items.Count, 2 * int.Log2(items.Count), isLess);
        var sorted = Math.Min(Threshold, items.Count);
        for (var i = 1; i < items.Count; i++)
        {
            // Within the first part an element may be the least of all; behind it, no element passes the beginning.
            var item = items[i];
            if (i < sorted && isLess(item, items[0]))
            {
                items.RemoveAt(i);
                items.Insert(0, item);
                continue;
            }

            var at = i;
            for (; isLess(item, items[at - 1]); at--)
            {
                items[at] = items[at - 1];
            }

            items[at] = item;
        }
    }

    private static void Partition<T>(List<T> items, int first, int last, int depth, Func<T, T, bool> isLess)
    {
        while (last - first > Threshold)
        {
            if (depth-- == 0)
            {
                HeapSort(items, first, last, isLess);
                return;
            }

            MoveMedianToFirst(items, first, first + 1, first + ((last - first) / 2), last - 1, isLess);
            var pivot = items[first];
            var low = first + 1;
            var high = last;
            while (true)
            {
                while (isLess(items[low], pivot))
                {
                    low++;
                }

                do
                {
                    high--;
                }
                while (isLess(pivot, items[high]));

                if (low >= high)
                {
                    break;
                }

                Swap(items, low++, high);
            }

            Partition(items, low, last, depth, isLess);
            last = low;
        }
    }

    private static void MoveMedianToFirst<T>(List<T> items, int first, int a, int b, int c, Func<T, T, bool> isLess)
    {
        var median = isLess(items[a], items[b])
            ? isLess(items[b], items[c]) ? b : isLess(items[a], items[c]) ? c : a
            : isLess(items[a], items[c]) ? a : isLess(items[b], items[c]) ? c : b;
        Swap(items, first, median);
    }

    private static void HeapSort<T>(List<T> items, int first, int last, Func<T, T, bool> isLess)
    {
        var length = last - first;
        for (var parent = (length - 2) / 2; parent >= 0; parent--)
        {
            Adjust(items, first, parent, length, items[first + parent], isLess);
        }

        for (var end = last - 1; end > first; end--)
        {
            var item = items[end];
            items[end] = items[first];
            Adjust(items, first, 0, end - first, item, isLess);
        }
    }

    private static void Adjust<T>(List<T> items, int first, int hole, int length, T item, Func<T, T, bool> isLess)
    {
        var top = hole;
        var child = hole;
        while (child < (length - 1) / 2)
        {
            child = 2 * (child + 1);
            if (isLess(items[first + child], items[first + child - 1]))
            {
                child--;
            }

            items[first + hole] = items[first + child];
            hole = child;
        }

        if (length % 2 == 0 && child == (length - 2) / 2)
        {
            child = (2 * child) + 1;
            items[first + hole] = items[first + child];
            hole = child;
        }

        for (var parent = (hole - 1) / 2; hole > top && isLess(items[first + parent], item); parent = (hole - 1) / 2)
        {
            items[first + hole] = items[first + parent];
            hole = parent;
        }

        items[first + hole] = item;
    }

    private static void Swap<T>(List<T> items, int a, int b) => (items[a], items[b]) = (items[b], items[a]);
}

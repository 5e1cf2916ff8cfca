using System.Runtime.CompilerServices;

// Texts are encoded into buffers on the stack; clearing those first would cost more than filling them.
[module: SkipLocalsInit]

/**
 * Returns the C library's free memory to the machine. glibc itself returns only memory at the end of its
 * heap, and one small allocation there retains hundreds of megabytes of freed buffers below it. Some 10 ms
 * for a gigabyte.
 */

let trimmer: (() => void) | undefined;

export function trimMemory(): void {
  trimmer ??= glibcTrimmer() ?? (() => undefined);
  trimmer();
}

/** Undefined with a Node before 26, which cannot call it, and with a C library other than glibc. */
function glibcTrimmer(): (() => void) | undefined {
  const ffi = process.getBuiltinModule('node:ffi');
  if (!ffi || process.platform !== 'linux') return undefined;
  try {
    const { functions } = ffi.dlopen(null, { malloc_trim: { arguments: ['uint64'], return: 'int32' } });
    return () => void functions.malloc_trim(0n);
  } catch {
    return undefined;
  }
}

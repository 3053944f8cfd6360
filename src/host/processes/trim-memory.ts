/**
 * Memory that the C library keeps for later goes back to the machine. glibc gives back only what lies at the end of its heap,
 * and one small piece there keeps hundreds of megabytes of freed buffers below it. Some 10 ms for a gigabyte.
 */

let trimmer: (() => void) | undefined;

export function trimMemory(): void {
  trimmer ??= glibcTrimmer() ?? (() => undefined);
  trimmer();
}

/** Undefined with a Node before 26, which cannot call it, and with another C library, which has none. */
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

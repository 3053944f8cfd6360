/**
 * Reuses the memory of segments that have been sent: for a list of thirty megabytes, new pages cost the kernel
 * and the garbage collector more than copying the bytes does.
 */

/** Room for a segment of joined items: its stored bytes, and what is spliced into them. */
const segmentBytes = 192 * 1024;
/** Smaller ones are not worth a piece of this size. */
const smallBytes = segmentBytes / 4;
/** Nine megabytes: while a list is being sent, the next is encoded. */
const freeMax = 48;

export class SegmentMemory {
  readonly #free: Buffer[] = [];

  /** At least so many bytes, of any content. */
  take(bytes: number): Buffer {
    if (bytes > segmentBytes || bytes < smallBytes) return Buffer.allocUnsafe(bytes);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(segmentBytes);
  }

  /** The caller promises that nothing reads the bytes any more. */
  giveBack({ buffer }: Uint8Array): void {
    if (buffer.byteLength !== segmentBytes || this.#free.length === freeMax) return;
    this.#free.push(Buffer.from(buffer as ArrayBuffer));
  }
}

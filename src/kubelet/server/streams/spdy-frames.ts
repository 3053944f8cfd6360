/** Frames of SPDY/3.1: those that are written, and those that arrive in pieces. */

export const flagFin = 1;
export const frameTypes = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7 } as const;

const version = 3;
export const frameHeadBytes = 8;
const streamIdMask = 0x7fffffff;
/** Of one control frame, which is kept until it is whole: headers of streams, above all. */
const controlBytesMax = 1024 * 1024;

export function controlFrame(type: number, ...body: Buffer[]): Buffer {
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUInt16BE(0x8000 | version, 0);
  head.writeUInt16BE(type, 2);
  head.writeUIntBE(
    body.reduce((sum, { length }) => sum + length, 0),
    5,
    3,
  );
  return Buffer.concat([head, ...body]);
}

export function dataFrame(streamId: number, flags: number, content: Uint8Array): Buffer {
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUInt32BE(streamId, 0);
  head[4] = flags;
  head.writeUIntBE(content.length, 5, 3);
  return Buffer.concat([head, content]);
}

/** Pings of a client have odd ids; the other side sends them back as they are. */
export function pingFrame(id: number): Buffer {
  return controlFrame(frameTypes.ping, uint32(id));
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The id at the beginning of a control frame's body: the stream's, or the ping's. */
export function idOf(frame: Buffer): number {
  return frame.readUInt32BE(frameHeadBytes) & streamIdMask;
}

export interface FrameHandlers {
  /** A data frame's content as it arrives; its flags come with the last piece, which may be empty. */
  onData(streamId: number, piece: Buffer, flags: number): void;
  onControl(type: number, frame: Buffer): void;
}

interface UnfinishedFrame {
  readonly head: Buffer;
  /** Not yet arrived. */
  leftBytes: number;
  /** Of a control frame. */
  readonly pieces: Buffer[];
}

export class FrameReader {
  readonly #handlers: FrameHandlers;
  #head: Buffer = Buffer.alloc(0);
  #frame: UnfinishedFrame | undefined;

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers;
  }

  /** Throws for a control frame that is too long to be one, or too short. */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.#frame ? this.#readBody(this.#frame, rest) : this.#readHead(rest);
  }

  #readHead(chunk: Buffer): Buffer {
    const missingBytes = frameHeadBytes - this.#head.length;
    this.#head = Buffer.concat([this.#head, chunk.subarray(0, missingBytes)]);
    if (this.#head.length < frameHeadBytes) return Buffer.alloc(0);
    const head = this.#head;
    this.#head = Buffer.alloc(0);
    const leftBytes = head.readUIntBE(5, 3);
    if (isControl(head) && (leftBytes < 4 || leftBytes > controlBytesMax)) {
      throw new RangeError(`a SPDY control frame of ${leftBytes} bytes`);
    }
    this.#frame = { head, leftBytes, pieces: [] };
    if (leftBytes === 0) this.#readBody(this.#frame, Buffer.alloc(0));
    return chunk.subarray(missingBytes);
  }

  #readBody(frame: UnfinishedFrame, chunk: Buffer): Buffer {
    const { head, pieces } = frame;
    const piece = chunk.subarray(0, frame.leftBytes);
    frame.leftBytes -= piece.length;
    const isWhole = frame.leftBytes === 0;
    if (isWhole) this.#frame = undefined;
    if (!isControl(head)) this.#handlers.onData(head.readUInt32BE(0), piece, isWhole ? head[4]! : 0);
    else {
      pieces.push(piece);
      if (isWhole) this.#handlers.onControl(head.readUInt16BE(2), Buffer.concat([head, ...pieces]));
    }
    return chunk.subarray(piece.length);
  }
}

function isControl(head: Buffer): boolean {
  return (head[0]! & 0x80) !== 0;
}

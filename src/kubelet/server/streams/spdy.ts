/**
 * The client's half of SPDY/3.1, as far as the runtime's streaming server needs it: streams that we open,
 * data both ways, ends, pings. It neither sends nor heeds window updates, as that server does not either.
 */

import type { Socket } from 'node:net';
import { constants, createDeflate } from 'node:zlib';
import { closeGently, closeWhenQuiet } from '#host/http/splice.ts';

const flagFin = 1;
const types = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7 } as const;
const version = 3;
const frameHeadBytes = 8;
const dataBytesMax = 32 * 1024;

export interface SpdyStream {
  /** False when the connection is full: go on after `onDrain`. */
  write(chunk: Uint8Array): boolean;
  /** This side has closed its half. */
  end(): void;
}

interface SpdyStreamHandlers {
  onData(chunk: Uint8Array): void;
  /** The other side has closed its half. */
  onEnd(): void;
}

export interface SpdyConnection {
  /**
   * Resolves when the other side has taken the stream, or never will. Its server keeps what runs for a stream
   * that the connection was taken from before.
   */
  open(headers: Record<string, string>, handlers: SpdyStreamHandlers): Promise<SpdyStream>;
  pause(): void;
  resume(): void;
  close(): void;
  /** At once: what it still sends is not wanted. */
  cut(): void;
  /** As `close`, but leaves the other side a while to be done with what it was sent. */
  abandon(): void;
}

interface SpdyEvents {
  onDrain(): void;
  onClose(): void;
}

export function spdyClient(socket: Socket, head: Buffer, events: SpdyEvents): SpdyConnection {
  return new SpdyClient(socket, head, events);
}

class SpdyClient implements SpdyConnection {
  readonly #socket: Socket;
  readonly #compress = headerCompressor();
  readonly #streams = new Map<number, SpdyStreamHandlers>();
  /** By id: resolves the `open` of a stream that the server has not taken yet. */
  readonly #awaited = new Map<number, () => void>();
  #nextId = 1;
  /** The beginning of a frame that has not arrived whole. */
  #rest: Buffer;

  constructor(socket: Socket, head: Buffer, events: SpdyEvents) {
    this.#socket = socket;
    this.#rest = head;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => events.onDrain());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const id of [...this.#streams.keys()]) this.#endStream(id);
      this.#compress.close();
      events.onClose();
    });
  }

  async open(headers: Record<string, string>, handlers: SpdyStreamHandlers): Promise<SpdyStream> {
    const id = this.#nextId;
    this.#nextId += 2;
    this.#streams.set(id, handlers);
    const block = await this.#compress.block(headerBlock(headers));
    if (this.#socket.writable) {
      this.#socket.write(synStream(id, block));
      await new Promise<void>((resolve) => this.#awaited.set(id, resolve));
    }
    return {
      write: (chunk) => this.#writeChunk(id, chunk),
      end: () => void writeData(this.#socket, id, flagFin, new Uint8Array()),
    };
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    closeGently(this.#socket);
  }

  cut(): void {
    this.#socket.destroy();
  }

  abandon(): void {
    closeWhenQuiet(this.#socket);
  }

  #writeChunk(id: number, chunk: Uint8Array): boolean {
    let free = true;
    for (let at = 0; at < chunk.length; at += dataBytesMax) {
      free = writeData(this.#socket, id, 0, chunk.subarray(at, at + dataBytesMax));
    }
    return free;
  }

  #receive(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let frame = this.#nextFrame(); frame; frame = this.#nextFrame()) {
      if ((frame[0]! & 0x80) === 0) this.#dataFrame(frame);
      else this.#controlFrame(frame);
    }
  }

  /** Undefined: none has arrived whole. */
  #nextFrame(): Buffer | undefined {
    if (this.#rest.length < frameHeadBytes) return undefined;
    const frameBytes = frameHeadBytes + this.#rest.readUIntBE(5, 3);
    if (this.#rest.length < frameBytes) return undefined;
    const frame = this.#rest.subarray(0, frameBytes);
    this.#rest = this.#rest.subarray(frameBytes);
    return frame;
  }

  #dataFrame(frame: Buffer): void {
    const id = frame.readUInt32BE(0) & 0x7fffffff;
    const handlers = this.#streams.get(id);
    if (frame.length > frameHeadBytes) handlers?.onData(frame.subarray(frameHeadBytes));
    if ((frame[4]! & flagFin) !== 0) this.#endStream(id);
  }

  #controlFrame(frame: Buffer): void {
    const type = frame.readUInt16BE(2);
    if (type === types.rstStream) this.#endStream(frame.readUInt32BE(frameHeadBytes) & 0x7fffffff);
    if (type === types.synReply) this.#taken(frame.readUInt32BE(frameHeadBytes) & 0x7fffffff);
    // Pings with even numbers are the server's own: they want to come back.
    if (type === types.ping && frame.readUInt32BE(frameHeadBytes) % 2 === 0) this.#socket.write(frame);
    if (type === types.goAway) closeGently(this.#socket);
  }

  #taken(id: number): void {
    this.#awaited.get(id)?.();
    this.#awaited.delete(id);
  }

  #endStream(id: number): void {
    this.#taken(id);
    const handlers = this.#streams.get(id);
    this.#streams.delete(id);
    handlers?.onEnd();
  }
}

/** The frame that opens a stream: without an associated stream, with the default priority. */
function synStream(id: number, headers: Buffer): Buffer {
  const body = Buffer.alloc(10);
  body.writeUInt32BE(id, 0);
  return Buffer.concat([controlHead(types.synStream, body.length + headers.length), body, headers]);
}

function writeData(socket: Socket, id: number, flags: number, chunk: Uint8Array): boolean {
  if (!socket.writable) return true;
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUInt32BE(id, 0);
  head[4] = flags;
  head.writeUIntBE(chunk.length, 5, 3);
  return socket.write(Buffer.concat([head, chunk]));
}

function controlHead(type: number, length: number): Buffer {
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUInt16BE(0x8000 | version, 0);
  head.writeUInt16BE(type, 2);
  head.writeUIntBE(length, 5, 3);
  return head;
}

function headerBlock(headers: Record<string, string>): Buffer {
  const entries = Object.entries(headers);
  const pieces = [uint32(entries.length)];
  for (const text of entries.flat()) pieces.push(uint32(Buffer.byteLength(text)), Buffer.from(text));
  return Buffer.concat(pieces);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * One zlib stream for all headers of the connection; the preset dictionary is optional for the writer, so
 * left out. It holds memory outside the heap until it is closed.
 */
function headerCompressor(): { block(plain: Buffer): Promise<Buffer>; close(): void } {
  const deflate = createDeflate();
  let chunks: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => chunks.push(chunk));
  let last: Promise<unknown> = Promise.resolve();
  const run = (plain: Buffer) =>
    new Promise<Buffer>((resolve) => {
      chunks = [];
      deflate.write(plain);
      deflate.flush(constants.Z_SYNC_FLUSH, () => setImmediate(() => resolve(Buffer.concat(chunks))));
    });
  return {
    block(plain) {
      const compressed = last.then(() => run(plain));
      last = compressed;
      return compressed;
    },
    close: () => deflate.close(),
  };
}

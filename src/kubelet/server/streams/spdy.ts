/**
 * The client's half of SPDY/3.1, as far as the runtime's streaming server needs it: streams that we open,
 * data both ways, ends, pings. It neither sends nor heeds window updates, as that server does not either.
 */

import type { Socket } from 'node:net';
import { constants, createDeflate } from 'node:zlib';
import { closeGently, closeWhenQuiet } from '#host/http/splice.ts';
import { AbandonedCommand } from './abandoned-command.ts';
import { controlFrame, dataFrame, FrameReader, flagFin, frameTypes, idOf, uint32 } from './spdy-frames.ts';

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
  closeWhenQuiet(): void;
  /** Of a command, whose caller has left. */
  abandon(): void;
}

export interface SpdyEvents {
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
  readonly #opened: number[] = [];
  readonly #frames = new FrameReader({
    onData: (id, piece, flags) => this.#onData(id, piece, flags),
    onControl: (type, frame) => this.#onControl(type, frame),
  });
  #abandoned: AbandonedCommand | undefined;

  constructor(socket: Socket, head: Buffer, events: SpdyEvents) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => events.onDrain());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const id of [...this.#streams.keys()]) this.#endStream(id);
      this.#compress.close();
      events.onClose();
    });
    if (head.length > 0) this.#receive(head);
  }

  async open(headers: Record<string, string>, handlers: SpdyStreamHandlers): Promise<SpdyStream> {
    const id = 2 * this.#opened.length + 1;
    this.#opened.push(id);
    this.#streams.set(id, handlers);
    const block = await this.#compress.block(headerBlock(headers));
    if (this.#socket.writable) {
      this.#socket.write(synStream(id, block));
      await new Promise<void>((resolve) => this.#awaited.set(id, resolve));
    }
    return {
      write: (chunk) => this.#writeChunk(id, chunk),
      end: () => void this.#write(dataFrame(id, flagFin, new Uint8Array())),
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

  closeWhenQuiet(): void {
    closeWhenQuiet(this.#socket);
  }

  abandon(): void {
    this.#abandoned ??= new AbandonedCommand(this.#socket, this.#opened);
  }

  #writeChunk(id: number, chunk: Uint8Array): boolean {
    let free = true;
    for (let at = 0; at < chunk.length; at += dataBytesMax) {
      free = this.#write(dataFrame(id, 0, chunk.subarray(at, at + dataBytesMax)));
    }
    return free;
  }

  #write(frame: Buffer): boolean {
    return !this.#socket.writable || this.#socket.write(frame);
  }

  #receive(chunk: Buffer): void {
    try {
      this.#frames.push(chunk);
    } catch {
      this.#socket.destroy();
    }
  }

  #onData(id: number, piece: Buffer, flags: number): void {
    if (piece.length > 0) this.#streams.get(id)?.onData(piece);
    if ((flags & flagFin) !== 0) this.#endStream(id);
  }

  #onControl(type: number, frame: Buffer): void {
    const id = idOf(frame);
    if (type === frameTypes.rstStream) this.#endStream(id);
    if (type === frameTypes.synReply) this.#taken(id);
    // Pings with even numbers are the server's own: they want to come back.
    if (type === frameTypes.ping && id % 2 === 0) this.#socket.write(frame);
    if (type === frameTypes.ping) this.#abandoned?.onPing(id);
    if (type === frameTypes.goAway) closeGently(this.#socket);
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
  return controlFrame(frameTypes.synStream, body, headers);
}

function headerBlock(headers: Record<string, string>): Buffer {
  const entries = Object.entries(headers);
  const pieces = [uint32(entries.length)];
  for (const text of entries.flat()) pieces.push(uint32(Buffer.byteLength(text)), Buffer.from(text));
  return Buffer.concat(pieces);
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

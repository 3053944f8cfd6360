/**
 * Begins the TLS handshakes of a server a few in each turn of the event loop, and only for connections that
 * have sent their first bytes. Hundreds of clients often send them at the same moment; begun all in one turn,
 * their handshakes would keep every other connection waiting until the last of them is done.
 */

import type { Server, Socket } from 'node:net';

/** While connections keep coming in, at most this many turns in a row begin no handshake. */
const skippedTurnsMax = 16;

type Begin = (socket: Socket) => void;

export interface HandshakeOptions {
  /** Time for the first bytes; the server limits the handshake itself. */
  readonly beginMs: number;
  /** A connection has come in, or its handshake begins: other connections may be waiting. */
  onProgress?(): void;
}

/** To be called before anything else listens to the server's connections. */
export function paceHandshakes(server: Server, { beginMs, onProgress }: HandshakeOptions): void {
  const beginTls = server.listeners('connection') as Begin[];
  server.removeAllListeners('connection');
  const queue = new HandshakeQueue((socket) => {
    onProgress?.();
    for (const begin of beginTls) begin.call(server, socket);
  });
  server.on('connection', (socket) => {
    onProgress?.();
    queue.giveWay();
    whenItSends(socket, beginMs, () => queue.add(socket));
  });
}

/** The bytes stay in the socket, where TLS finds them. */
function whenItSends(socket: Socket, beginMs: number, send: () => void): void {
  const destroy = () => socket.destroy();
  socket.on('error', destroy);
  socket.setTimeout(beginMs, destroy);
  socket.once('readable', () => {
    // Readable without a byte: the peer has closed its side.
    if (socket.readableLength === 0) return destroy();
    socket.setTimeout(0);
    socket.off('timeout', destroy);
    send();
  });
}

/**
 * In each turn the newest and the oldest connection begin: in a burst a new client need not wait for all
 * before it, and the oldest ones still get on. One that is closed while it waits takes no turn from others.
 */
class HandshakeQueue {
  readonly #begin: Begin;
  readonly #waiting = new Waiting();
  #isScheduled = false;
  #givesWay = false;
  #skippedTurns = 0;

  constructor(begin: Begin) {
    this.#begin = begin;
  }

  add(socket: Socket): void {
    this.#waiting.add(socket);
    this.#schedule();
  }

  /**
   * A connection has come in. The event loop accepts one in each turn, and the next may be waiting already.
   */
  giveWay(): void {
    this.#givesWay = true;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#turn();
      if (this.#waiting.size > 0) this.#schedule();
    });
  }

  #turn(): void {
    const isSkipped = this.#givesWay && this.#skippedTurns < skippedTurnsMax;
    this.#givesWay = false;
    this.#skippedTurns = isSkipped ? this.#skippedTurns + 1 : 0;
    if (isSkipped) return;
    this.#beginOne(this.#waiting.takeNewest());
    this.#beginOne(this.#waiting.takeOldest());
  }

  #beginOne(socket: Socket | undefined): void {
    if (socket) this.#begin(socket);
  }
}

/** Connections that are not closed, taken from both ends. */
class Waiting {
  /** The oldest first. */
  readonly #open = new Set<Socket>();
  /** The newest last, with some that are no longer open. */
  #inOrder: Socket[] = [];

  get size(): number {
    return this.#open.size;
  }

  add(socket: Socket): void {
    this.#open.add(socket);
    if (this.#inOrder.length > 2 * this.#open.size) this.#inOrder = [...this.#open];
    else this.#inOrder.push(socket);
    socket.once('close', () => this.#open.delete(socket));
  }

  takeNewest(): Socket | undefined {
    for (let socket = this.#inOrder.pop(); socket; socket = this.#inOrder.pop()) {
      if (this.#take(socket)) return socket;
    }
    return undefined;
  }

  takeOldest(): Socket | undefined {
    for (const socket of this.#open) if (this.#take(socket)) return socket;
    return undefined;
  }

  /** A socket that is destroyed closes in a later turn. */
  #take(socket: Socket): boolean {
    return this.#open.delete(socket) && !socket.destroyed;
  }
}

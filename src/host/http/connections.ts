/**
 * The connections of a listener, and how many of them each peer has: no peer can take all. Where a peer's places are full,
 * its connection that has been without a request for the longest time makes room: who only holds connections open keeps no
 * place from a caller that means to ask.
 */

import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { HttpLimits } from './limits.ts';

export type ConnectionLimits = Pick<HttpLimits, 'connectionsPerPeerMax'> &
  Partial<Pick<HttpLimits, 'idleKeptMs'>>;

interface Connection {
  readonly socket: Socket;
  readonly peer: Peer;
  requests: number;
  idleSinceMs: number;
}

interface Peer {
  readonly address: string;
  connections: number;
  /** Those with a place and without a request, the longest idle first. */
  readonly idle: Set<Connection>;
}

export class Connections {
  readonly #perPeerMax: number;
  readonly #idleKeptMs: number;
  readonly #open = new Set<Socket>();
  /** Where those beyond the bound come from: TLS and HTTP/2 each make another object of a socket. */
  readonly #surplus = new Set<string>();
  readonly #peers = new Map<string, Peer>();
  readonly #counted = new Map<string, Connection>();
  /** The same by socket, for every request to be quick about it. */
  readonly #ofSocket = new WeakMap<Socket, Connection>();

  /** Without `idleKeptMs`, no connection makes room for another. */
  constructor({ connectionsPerPeerMax, idleKeptMs = Number.POSITIVE_INFINITY }: ConnectionLimits) {
    this.#perPeerMax = connectionsPerPeerMax;
    this.#idleKeptMs = idleKeptMs;
  }

  /** After the handshake, where there is one. A peer with twice the bound gets no answer any more: its connection is closed. */
  count(socket: Socket): void {
    if (socket.destroyed) return;
    const peer = this.#peerAt(socket.remoteAddress ?? '');
    if (peer.connections >= this.#perPeerMax) this.#makeRoom(peer);
    const connection = { socket, peer, requests: 0, idleSinceMs: performance.now() };
    const place = placeOf(socket);
    this.#forget(place);
    this.#counted.set(place, connection);
    peer.connections++;
    this.#peers.set(peer.address, peer);
    socket.once('close', () => this.#counted.get(place) === connection && this.#forget(place));
    if (peer.connections > this.#perPeerMax) this.#surplus.add(place);
    else peer.idle.add(connection);
    if (peer.connections > 2 * this.#perPeerMax) socket.destroy();
  }

  /** After the handshake, where there is one. */
  add(socket: Socket): void {
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
  }

  /** Beyond the bound: to be refused. */
  isTooMany(socket: Socket): boolean {
    return this.#surplus.size > 0 && this.#surplus.has(placeOf(socket));
  }

  /** A request has come: it is under way until its answer is closed, or without an answer as long as its connection. */
  begin(socket: Socket, answer?: EventEmitter): void {
    const connection = this.#ofSocket.get(socket) ?? this.#find(socket);
    if (!connection) return;
    if (connection.requests++ === 0) connection.peer.idle.delete(connection);
    answer?.on('close', () => this.#end(connection));
  }

  /** What is being written still goes out. */
  endAll(): void {
    for (const socket of this.#open) socket.destroySoon();
  }

  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #peerAt(address: string): Peer {
    return this.#peers.get(address) ?? { address, connections: 0, idle: new Set() };
  }

  #find(socket: Socket): Connection | undefined {
    const connection = this.#counted.get(placeOf(socket));
    if (connection) this.#ofSocket.set(socket, connection);
    return connection;
  }

  #end(connection: Connection): void {
    connection.requests--;
    if (connection.requests > 0 || connection.socket.destroyed) return;
    connection.idleSinceMs = performance.now();
    connection.peer.idle.add(connection);
  }

  /** One that was established just now is about to ask: it stays. */
  #makeRoom({ idle }: Peer): void {
    const [longest] = idle;
    if (!longest || performance.now() - longest.idleSinceMs < this.#idleKeptMs) return;
    this.#forget(placeOf(longest.socket));
    longest.socket.destroy();
  }

  #forget(place: string): void {
    const connection = this.#counted.get(place);
    if (!connection) return;
    this.#counted.delete(place);
    this.#surplus.delete(place);
    const { peer } = connection;
    peer.idle.delete(connection);
    if (--peer.connections === 0) this.#peers.delete(peer.address);
  }
}

export function placeOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}

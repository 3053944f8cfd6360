/**
 * Registers the plugins whose registration sockets lie in `plugins_registry`, and deregisters them when their
 * sockets go. Each socket has its own attempts: a plugin that hangs holds up no other. Upstream:
 * pkg/kubelet/pluginmanager.
 */

import { Repeater } from '#base/repeater.ts';
import { ensureDirectory } from '#host/files/files.ts';
import { findSockets, watchFolder } from '#host/files/socket-files.ts';
import { PluginSocket, type RegistrationParts } from './plugin-socket.ts';

/** Where changes of the folder cannot be watched. */
const lookIntervalMs = 10_000;

export class PluginRegistry {
  readonly #parts: RegistrationParts;
  readonly #sockets = new Map<string, PluginSocket>();
  readonly #looking: Repeater;
  /** The end of the last closing of a socket, by path: a new socket of the same path waits for it. */
  readonly #closings = new Map<string, Promise<void>>();
  #stopWatching: (() => void) | undefined;
  #look: Promise<void> = Promise.resolve();
  #looksWaiting = 0;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
    this.#looking = new Repeater(parts.env.clock, lookIntervalMs, () => this.#lookSoon());
  }

  async start(): Promise<void> {
    const folder = this.#parts.root.machineDir('plugins_registry');
    await ensureDirectory(folder);
    this.#stopWatching = watchFolder(folder, () => void this.#lookSoon());
    this.#looking.start();
    await this.#lookSoon();
  }

  /** Registrations stay for the next life of the kubelet. */
  stop(): void {
    this.#stopWatching?.();
    this.#looking.stop();
    for (const socket of this.#sockets.values()) socket.stop();
  }

  /** A change of the folder while it is read leads to one more reading. */
  #lookSoon(): Promise<void> {
    if (this.#looksWaiting === 0) {
      this.#looksWaiting++;
      this.#look = this.#look.then(() => this.#lookNow());
    }
    return this.#look;
  }

  async #lookNow(): Promise<void> {
    this.#looksWaiting = 0;
    const found = await findSockets(this.#parts.root.machineDir('plugins_registry'));
    if (this.#looking.isStopped) return;
    const identities = new Map(found.map(({ path, identity }) => [path, identity]));
    for (const [path, socket] of this.#sockets) {
      if (identities.get(path) !== socket.identity) this.#close(path, socket);
    }
    for (const [path, identity] of identities) {
      if (this.#sockets.has(path)) continue;
      const closing = this.#closings.get(path) ?? Promise.resolve();
      this.#sockets.set(path, new PluginSocket(this.#parts, path, identity, closing));
    }
  }

  #close(path: string, socket: PluginSocket): void {
    this.#sockets.delete(path);
    const closing = socket.close().then(() => {
      if (this.#closings.get(path) === closing) this.#closings.delete(path);
    });
    this.#closings.set(path, closing);
  }
}

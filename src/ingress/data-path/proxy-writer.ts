/**
 * Keeps a running proxy equal to a model. Endpoints that come and go in the slots there are change by commands; all else
 * is a new configuration, checked before the proxy takes it. What the check rejects is left out with its object, so that
 * one object's fault keeps no other from being served.
 */

import type { ConfigText } from '../haproxy/config-text.ts';
import { render } from '../haproxy/render.ts';
import { newSlots, reassigned, type Slots, slotCommands } from '../haproxy/slots.ts';
import type { Backend, ProxyModel } from '../model/model.ts';
import { withoutOwners } from '../model/without-owners.ts';
import { faultsIn, type Rejection } from './faults.ts';

/** The program that serves: `Haproxy` of `#host/haproxy`. */
export interface ProxyProgram {
  readonly isRunning: boolean;
  check(files: ReadonlyMap<string, string>): Promise<string>;
  apply(files: ReadonlyMap<string, string>): Promise<void>;
  ask(commands: readonly string[]): Promise<string>;
}

export interface ProxyWriterOptions {
  readonly program: ProxyProgram;
  readonly socket: string;
  readonly cookieKey: string;
}

const commandsMax = 200;
/** Faults of that many objects are found one after another; then the earlier configuration stays. */
const roundsMax = 50;

export class ProxyWriter {
  readonly #options: ProxyWriterOptions;
  /** What the endpoints in the slots of the served configuration are, or are about to be. */
  #slots = new Map<string, Slots>();
  /** The configuration that is served, but for the endpoints in its slots. */
  #structure = '';
  /** Objects left out of earlier models; one that has changed since is another object here. */
  #rejections: readonly Rejection[] = [];

  constructor(options: ProxyWriterOptions) {
    this.#options = options;
  }

  /** Resolves when the proxy serves the model; throws when it serves the one before. */
  async write(wanted: ProxyModel): Promise<readonly Rejection[]> {
    const owners = new Set(wanted.backends.map(({ owner }) => owner));
    const rejections = this.#rejections.filter(({ owner }) => owners.has(owner));
    this.#rejections = rejections;
    for (let round = 0; round < roundsMax; round++) {
      const out = rejections.map(({ owner }) => owner);
      const faults = await this.#tryWrite(withoutOwners(wanted, out));
      if (faults.length === 0) return rejections;
      rejections.push(...faults);
    }
    throw new Error(`HAProxy rejects the configuration of more than ${roundsMax} objects`);
  }

  /**
   * Endpoints that come and go while a configuration is checked and loaded: the workers that serve meanwhile learn of them
   * at once. What does not fit into their slots waits for `write`.
   */
  async follow({ backends }: Pick<ProxyModel, 'backends'>): Promise<void> {
    const fitting = new Map<string, Slots>();
    for (const { id, endpoints } of backends) {
      const known = this.#slots.get(id);
      const slots = known && reassigned(known, endpoints);
      if (slots) fitting.set(id, slots);
    }
    await this.#command(fitting);
  }

  async #tryWrite(model: ProxyModel): Promise<Rejection[]> {
    const slots = this.#assign(model.backends);
    const structure = digestOf(this.#render(model, emptied(slots)));
    if (this.#options.program.isRunning && structure === this.#structure) {
      await this.#command(slots);
      return [];
    }
    if (this.#structure !== '') await this.follow(model);
    const config = this.#render(model, slots);
    const complaint = await this.#options.program.check(config.files);
    if (complaint === '') {
      await this.#load(config, structure, slots);
      return [];
    }
    const faults = faultsIn(complaint, config);
    if (faults.length > 0) return faults;
    throw new Error(`HAProxy rejects its configuration: ${complaint.slice(0, 2000)}`);
  }

  async #load(config: ConfigText, structure: string, slots: Map<string, Slots>): Promise<void> {
    this.#structure = '';
    await this.#options.program.apply(config.files);
    const followed = this.#slots;
    this.#structure = structure;
    this.#slots = slots;
    // What has been followed meanwhile: by the same slots where the backend has as many as before.
    const newer = [...followed].filter(([id, list]) => slots.get(id)?.length === list.length);
    await this.#command(new Map(newer));
  }

  #assign(backends: readonly Backend[]): Map<string, Slots> {
    return new Map(
      backends.map(({ id, endpoints }) => {
        const known = this.#slots.get(id);
        return [id, (known && reassigned(known, endpoints)) ?? newSlots(endpoints)];
      }),
    );
  }

  #render(model: ProxyModel, slots: ReadonlyMap<string, Slots>): ConfigText {
    const { socket, cookieKey } = this.#options;
    return render(model, { socket, cookieKey, slots });
  }

  /** Backends that are not among `slots` stay as they are. */
  async #command(slots: ReadonlyMap<string, Slots>): Promise<void> {
    const commands = [...slots].flatMap(([id, now]) => slotCommands(id, this.#slots.get(id) ?? [], now));
    for (const [id, list] of slots) this.#slots.set(id, list);
    try {
      for (let at = 0; at < commands.length; at += commandsMax) {
        const answer = await this.#options.program.ask(commands.slice(at, at + commandsMax));
        const problem = /No such|Unknown|Invalid|require/i.exec(answer);
        if (problem) throw new Error(`HAProxy rejects a command: ${answer.trim().slice(0, 500)}`);
      }
    } catch (error) {
      // What has been carried out is not known: the next write is a whole configuration.
      this.#structure = '';
      throw error;
    }
  }
}

function emptied(slots: ReadonlyMap<string, Slots>): Map<string, Slots> {
  return new Map([...slots].map(([id, list]) => [id, list.map(() => undefined)]));
}

function digestOf({ files }: ConfigText): string {
  return JSON.stringify([...files]);
}

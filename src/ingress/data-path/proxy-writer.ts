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
  #slots = new Map<string, Slots>();
  /** The configuration that is served, but for the endpoints in its slots. */
  #structure = '';
  /** Objects left out of earlier models; one that has changed since is another object here. */
  #rejections: readonly Rejection[] = [];

  constructor(options: ProxyWriterOptions) {
    this.#options = options;
  }

  /** Resolves when the proxy serves the model; throws when it serves the one before. */
  async write(wanted: ProxyModel): Promise<Rejection[]> {
    const owners = new Set(wanted.backends.map(({ owner }) => owner));
    const rejections = this.#rejections.filter(({ owner }) => owners.has(owner));
    this.#rejections = rejections;
    for (let round = 0; round < roundsMax; round++) {
      const model = withoutOwners(
        wanted,
        rejections.map(({ owner }) => owner),
      );
      const slots = this.#assign(model.backends);
      const structure = digestOf(this.#render(model, emptied(slots)));
      if (this.#options.program.isRunning && structure === this.#structure) {
        await this.#command(slots);
        return rejections;
      }
      const config = this.#render(model, slots);
      const complaint = await this.#options.program.check(config.files);
      if (complaint === '') {
        this.#structure = '';
        await this.#options.program.apply(config.files);
        this.#structure = structure;
        this.#slots = slots;
        return rejections;
      }
      const faults = faultsIn(complaint, config);
      if (faults.length === 0) {
        throw new Error(`HAProxy rejects its configuration: ${complaint.slice(0, 2000)}`);
      }
      rejections.push(...faults);
    }
    throw new Error(`HAProxy rejects the configuration of more than ${roundsMax} objects`);
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

  async #command(slots: Map<string, Slots>): Promise<void> {
    const commands = [...slots].flatMap(([id, now]) => slotCommands(id, this.#slots.get(id) ?? [], now));
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
    this.#slots = slots;
  }
}

function emptied(slots: ReadonlyMap<string, Slots>): Map<string, Slots> {
  return new Map([...slots].map(([id, list]) => [id, list.map(() => undefined)]));
}

function digestOf({ files }: ConfigText): string {
  return JSON.stringify([...files]);
}

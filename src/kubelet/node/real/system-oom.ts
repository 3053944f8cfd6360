/**
 * Finds in the kernel's log the processes that were killed because the machine, not a control group, ran out of
 * memory. Follows cAdvisor's parser and upstream's `oom/oom_watcher_linux.go`.
 */

import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { errorText } from '#base/text/error-text.ts';
import type { EventRecorder } from '#client/events/recorder.ts';

const lookIntervalMs = 5000;
const begin = /invoked oom-killer:/;
/** The group whose limit was reached; a line without one is of the machine. */
const limitedGroup = /oom-kill:constraint=.*,oom_memcg=([^,]*),|killed as a result of limit of (.*)/;
const end = /Killed process (\d+) \((.+)\)/;

export interface Victim {
  readonly pid: number;
  readonly name: string;
}

/** Reads the log message by message: an incident has several. */
export class SystemOomParser {
  #isInside = false;
  #group = '/';

  /** The victim, with the last message of an incident of the whole machine. */
  take(message: string): Victim | undefined {
    if (begin.test(message)) {
      this.#isInside = true;
      this.#group = '/';
      return undefined;
    }
    if (!this.#isInside) return undefined;
    const limited = limitedGroup.exec(message);
    if (limited) this.#group = limited[1] ?? limited[2] ?? '/';
    const killed = end.exec(message);
    if (!killed) return undefined;
    this.#isInside = false;
    return this.#group === '/' ? { pid: Number(killed[1]), name: killed[2]! } : undefined;
  }
}

export interface SystemOomParts {
  readonly env: Env;
  readonly events: EventRecorder;
  readonly nodeName: string;
  /** The messages of the kernel since the last call. */
  readonly messages: () => Promise<readonly string[]>;
}

/** Records the event `SystemOOM` for each such process. Returns the function that ends it. */
export function watchSystemOom({ env, events, nodeName, messages }: SystemOomParts): () => void {
  const parser = new SystemOomParser();
  const node = { kind: 'Node', name: nodeName, uid: nodeName };
  const rounds = new Repeater(env.clock, lookIntervalMs, async () => {
    try {
      for (const message of await messages()) {
        const victim = parser.take(message);
        if (!victim) continue;
        const text = `System OOM encountered, victim process: ${victim.name}, pid: ${victim.pid}`;
        events.event(node, 'Warning', 'SystemOOM', text);
      }
    } catch (error) {
      env.log.warn('the log of the kernel could not be read', { error: errorText(error) });
    }
  });
  rounds.start();
  return () => rounds.stop();
}

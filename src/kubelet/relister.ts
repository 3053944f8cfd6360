/** Notices changes of containers: by the runtime's own word where it gives one, by looking each second elsewhere. */

import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Runtime } from './runtime.ts';

const intervalMs = 1000;

export class Relister {
  private readonly env: Env;
  private readonly runtime: Runtime;
  private readonly onPod: (podUid: string) => void;
  private seen = new Map<string, string>();
  private timer: Timer | undefined;
  private stopped = false;
  private unsubscribe: (() => void) | undefined;

  constructor(env: Env, runtime: Runtime, onPod: (podUid: string) => void) {
    this.env = env;
    this.runtime = runtime;
    this.onPod = onPod;
  }

  start(): void {
    if (this.runtime.subscribe) this.unsubscribe = this.runtime.subscribe(this.onPod);
    else this.timer = this.env.clock.after(intervalMs, () => void this.look());
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    this.unsubscribe?.();
  }

  private async look(): Promise<void> {
    try {
      const now = await this.read();
      for (const uid of new Set([...now.keys(), ...this.seen.keys()]))
        if (now.get(uid) !== this.seen.get(uid)) this.onPod(uid);
      this.seen = now;
    } catch (error) {
      this.env.log.debug('the runtime does not answer', { error: String(error) });
    }
    if (!this.stopped) this.timer = this.env.clock.after(intervalMs, () => void this.look());
  }

  /** Each pod's sandboxes and containers with their states, as one text. */
  private async read(): Promise<Map<string, string>> {
    const [sandboxes, containers] = await Promise.all([
      this.runtime.listPodSandboxes(),
      this.runtime.listContainers(),
    ]);
    const parts = new Map<string, string[]>();
    const add = (uid: string, text: string) => {
      const list = parts.get(uid);
      if (list) list.push(text);
      else parts.set(uid, [text]);
    };
    for (const one of sandboxes) add(one.podUid, `${one.id}${one.ready}`);
    for (const one of containers) add(one.podUid, `${one.id}${one.state}`);
    return new Map([...parts].map(([uid, list]) => [uid, list.sort().join()]));
  }
}

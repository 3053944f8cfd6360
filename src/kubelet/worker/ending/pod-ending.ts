/**
 * Ends the containers of one pod in the background, so that its status is still reported meanwhile; again
 * when its grace period shrinks, and when it went wrong.
 */

import { errorText } from '#base/text/error-text.ts';
import { type NodePod, podReference } from '../../pod/pod.ts';
import { syncRetryMs } from '../../pod/retries.ts';
import type { PodView } from '../../runtime/pod-view.ts';
import { type KillParts, killPod } from './kill-pod.ts';

interface Kill {
  readonly graceSeconds: number;
  done: boolean;
}

const latePauseMs = 1000;

export class PodEnding {
  readonly #parts: KillParts;
  /** Called when there is something new to look at. */
  readonly #onChange: () => void;
  #kill: Kill | undefined;

  constructor(parts: KillParts, onChange: () => void) {
    this.#parts = parts;
    this.#onChange = onChange;
  }

  get isDone(): boolean {
    return this.#kill?.done === true;
  }

  /**
   * Harmless when the pod is ending already with no more grace than this. `isLate` when a container or
   * sandbox lives although all were ended: the runtime finished making it after its start had been cancelled.
   */
  begin(pod: NodePod, view: PodView, graceSeconds: number, isLate = false): void {
    const before = this.#kill;
    if (before && !isLate && (before.done || before.graceSeconds <= graceSeconds)) return;
    const kill = { graceSeconds, done: false };
    this.#kill = kill;
    const pauseMs = isLate ? latePauseMs : 0;
    void this.#carryOut(kill, pod, view, before ? 'again' : 'first', pauseMs);
  }

  async #carryOut(
    kill: Kill,
    pod: NodePod,
    view: PodView,
    how: 'first' | 'again',
    pauseMs: number,
  ): Promise<void> {
    const { env, events } = this.#parts;
    try {
      await killPod(this.#parts, pod, view, kill.graceSeconds, how);
      kill.done = true;
    } catch (error) {
      events.event(podReference(pod), 'Warning', 'FailedKillPod', `error killing pod: ${errorText(error)}`);
      if (this.#kill === kill) this.#kill = undefined;
    }
    env.clock.after(this.#kill ? pauseMs : syncRetryMs, this.#onChange);
  }
}

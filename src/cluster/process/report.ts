/** What a process in the background reports to the command that started it, or to its log. */

import type { StepListener } from './steps.ts';
import type { StopRequest } from './stop-request.ts';

/** A start that was cancelled ends between two steps, as if the next step had failed. */
export function reportSteps(stop: StopRequest): StepListener {
  const goOn = () => {
    if (stop.isRequested()) throw new Error('stopped while it was starting');
  };
  if (process.send) {
    return {
      plan: (steps) => void send({ type: 'plan', steps }),
      warn: (text) => void send({ type: 'warning', text }),
      done(step, durationMs) {
        goOn();
        void send({ type: 'done', step, durationMs });
      },
    };
  }
  return {
    plan: () => undefined,
    warn: (text) => console.error(`warning: ${text}`),
    done(step, durationMs) {
      goOn();
      console.error(`${step} (${Math.round(durationMs)} ms)`);
    },
  };
}

/** Sends to the waiting command, if it still exists. */
export function send(message: object): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) return resolve();
    process.send?.(message, undefined, undefined, () => resolve());
  });
}

/** A handle that a library keeps open must not keep the process of stopped parts alive. */
export function finish(): never {
  process.exit();
}

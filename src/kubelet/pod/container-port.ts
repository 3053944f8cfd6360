/** Finds the number behind a port that a probe or hook names. */

import type { AnyContainer } from '#api/pods/containers.ts';

export function portNumber(container: AnyContainer, port: unknown): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find((candidate) => candidate.name === port)?.containerPort;
  const number = named ?? Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw new Error(`couldn't find port: ${String(port)}`);
  }
  return number;
}

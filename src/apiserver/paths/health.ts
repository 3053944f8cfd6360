/** `/livez`, `/readyz` and `/healthz`: all checks, each check by its own path, `?verbose` and `?exclude=`. */

import type { ApiResponse } from '#client/transport.ts';
import { textResponse } from '../encode/json-response.ts';
import { NoSuchPage } from '../encode/page-not-found.ts';
import type { Exchange } from '../exchange.ts';

export function answerHealth({ core, info }: Exchange): ApiResponse {
  const [, root = '', check] = info.path.split('/');
  const checks = core.readiness.checks(root as HealthRoot);
  const names = [...checks.keys()];
  if (check) {
    if (!checks.has(check)) throw new NoSuchPage();
    return outcome([[check, checks.get(check)]], root, false);
  }
  const excluded = new Set(info.query.getAll('exclude'));
  const results = names
    .filter((name) => !excluded.has(name))
    .map((name) => [name, checks.get(name)] as const);
  return outcome(results, root, info.query.has('verbose'));
}

type HealthRoot = 'livez' | 'readyz' | 'healthz';

function outcome(
  results: readonly (readonly [string, string | undefined])[],
  root: string,
  verbose: boolean,
): ApiResponse {
  const isHealthy = results.every(([, why]) => why === undefined);
  if (isHealthy && !verbose) return textResponse(200, 'ok');
  const lines = results.map(([name, why]) =>
    why === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`,
  );
  lines.push(`${root} check ${isHealthy ? 'passed' : 'failed'}`);
  return textResponse(isHealthy ? 200 : 500, `${lines.join('\n')}\n`);
}

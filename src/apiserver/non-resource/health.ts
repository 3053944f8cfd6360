/** `/livez`, `/readyz` and `/healthz`: all checks, each check by its own path, `?verbose` and `?exclude=`. */

import type { HealthMetrics } from '#base/metrics/health.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { textResponse } from '../codec/encode/json-response.ts';
import type { HealthCheck } from '../contract/health-check.ts';
import { NoSuchPage } from '../contract/plain-refusal.ts';
import type { Exchange } from '../request/exchange.ts';
import { type HealthRoot, healthChecks } from './health-checks.ts';
import type { HealthParts } from './parts.ts';

export function answerHealth(parts: HealthParts, metrics: HealthMetrics, { info }: Exchange): ApiResponse {
  const [, root = '', ...name] = info.path.split('/');
  const checks = healthChecks(parts, root as HealthRoot);
  if (name.length > 0) return answerOne(checks.get(name.join('/')));
  const excluded = new Set(info.query.getAll('exclude'));
  const observe = (check: string, isHealthy: boolean) => metrics.observe(check, root, isHealthy);
  return answerAll(root, checks, excluded, info.query.has('verbose'), observe);
}

function answerOne(check: HealthCheck | undefined): ApiResponse {
  if (!check) throw new NoSuchPage();
  const why = check();
  return why === undefined ? textResponse(200, 'ok') : textResponse(500, `internal server error: ${why}\n`);
}

/** Why a check failed is withheld: anonymous callers may read this. */
function answerAll(
  root: string,
  checks: ReadonlyMap<string, HealthCheck>,
  excluded: ReadonlySet<string>,
  verbose: boolean,
  observe: (check: string, isHealthy: boolean) => void,
): ApiResponse {
  let isHealthy = true;
  const lines: string[] = [];
  for (const [name, check] of checks) {
    if (excluded.has(name)) {
      lines.push(`[+]${name} excluded: ok`);
      continue;
    }
    const passed = check() === undefined;
    observe(name, passed);
    isHealthy &&= passed;
    lines.push(passed ? `[+]${name} ok` : `[-]${name} failed: reason withheld`);
  }
  const unknown = [...excluded].filter((name) => !checks.has(name)).map((name) => JSON.stringify(name));
  if (unknown.length > 0) {
    lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.sort().join(', ')}`);
  }
  if (isHealthy && !verbose) return textResponse(200, 'ok');
  lines.push(`${root} check ${isHealthy ? 'passed' : 'failed'}`);
  return textResponse(isHealthy ? 200 : 500, `${lines.join('\n')}\n`);
}

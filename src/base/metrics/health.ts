/**
 * The metrics of `/metrics/slis`: the last result of each health check of a component and its totals, as
 * Prometheus text.
 */

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

interface Outcomes {
  readonly labels: { readonly name: string; readonly type: string };
  wasHealthy: boolean;
  success: number;
  error: number;
}

export class HealthMetrics {
  readonly #checks = new Map<string, Outcomes>();

  /** `type` is the path that ran the check: `healthz`, `livez` or `readyz`. */
  observe(name: string, type: string, isHealthy: boolean): void {
    const key = `${name} ${type}`;
    const known = this.#checks.get(key) ?? { labels: { name, type }, wasHealthy: true, success: 0, error: 0 };
    known.wasHealthy = isHealthy;
    known[isHealthy ? 'success' : 'error']++;
    this.#checks.set(key, known);
  }

  get text(): string {
    const checks = [...this.#checks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, outcomes]) => outcomes);
    return [
      ...family('kubernetes_healthcheck', 'gauge', 'Whether the check passed when it last ran.'),
      ...checks.map(({ labels, wasHealthy }) => sample('kubernetes_healthcheck', labels, wasHealthy ? 1 : 0)),
      ...family('kubernetes_healthchecks_total', 'counter', 'How often the check ran, by its result.'),
      ...checks.flatMap((check) => totals(check)),
      '',
    ].join('\n');
  }
}

function totals({ labels: { name, type }, ...counts }: Outcomes): string[] {
  return (['error', 'success'] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => sample('kubernetes_healthchecks_total', { name, status, type }, counts[status]));
}

function family(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
  return `${name}{${pairs.join(',')}} ${value}`;
}
